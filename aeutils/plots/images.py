"""Images: side by side, pixel by pixel, with signs."""

from aeutils.metrics import per_pixel_error, reconstruction_error
from aeutils.plots.style import PALETTE, WIDTH, Figure, draw_image, draw_signed_image, figure, new_canvas


@figure
def images(rows, titles=None, errors=False):
    """Rows of grey images under one another, such as originals over reconstructions.

    rows: {label: images (n, 1, height, width)}, every row with the same n. titles: n texts over the
    first row. errors: True writes each image's reconstruction error against the first row under it.
    """
    labels, columns = list(rows), list(rows.values())
    count = len(columns[0])
    side = min(WIDTH / (count + 1), 2.1)
    canvas = new_canvas(len(rows) * (side * 1.08 + 0.35 * errors) + 0.45)
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for row, label in enumerate(labels):
        for column in range(count):
            axes = grid[row, column]
            draw_image(axes, columns[row][column])
            if titles is not None and row == 0:
                axes.set_title(titles[column])
            if errors and row > 0:
                error = reconstruction_error(columns[row][column][None], columns[0][column][None])
                axes.set_xlabel(f"{error:.1f}")
        grid[row, 0].set_ylabel(label, rotation=0, ha="right", va="center")
    note = "; under each image its reconstruction error" if errors else ""
    return Figure(canvas, f"Rows of {count} images: {', '.join(labels)}{note}.")


@figure
def pixel_by_pixel(original, reconstruction):
    """Original, reconstruction and difference of one image (1, 1, height, width), and all its pixels as a scatter."""
    canvas = new_canvas(3.6)
    axes = canvas.subplots(1, 4)
    difference = (reconstruction - original)[0]
    draw_image(axes[0], original[0], "original")
    draw_image(axes[1], reconstruction[0], "reconstruction")
    draw_signed_image(axes[2], difference, "difference")
    axes[2].set_xlabel(f"at most {difference.abs().max():.3f}")
    axes[3].plot([0, 1], [0, 1], color="0.7", lw=1.5)
    axes[3].plot(original.flatten().numpy(), reconstruction.flatten().numpy(), ",", color=PALETTE[0], alpha=0.5)
    axes[3].set(xlabel="pixel in", ylabel="pixel out", xticks=[0, 1], yticks=[0, 1], box_aspect=1)
    axes[3].set_title(f"error per pixel\n{per_pixel_error(reconstruction, original):.5f}", fontsize=13)
    return Figure(canvas, "Original, reconstruction, their difference, and a scatter of each pixel out against in.")


@figure
def signed_images(rows):
    """Rows of images (n, 1, height, width) with values of both signs: orange below 0, white 0, purple above."""
    count = len(next(iter(rows.values())))
    canvas = new_canvas(len(rows) * WIDTH / (count + 1) * 1.08 + 0.1)
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for row, (label, images) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(row, images, strict=True):
            draw_signed_image(axes, image)
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return Figure(canvas, f"Rows of {count} images with positive and negative values: {', '.join(rows)}.")
