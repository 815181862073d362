"""Autoencoders today: digits as symbols."""

from aeutils.plots.style import PALETTE, WIDTH, Figure, draw_image, figure, new_canvas


@figure
def symbols_of_digits(images, symbols, reconstructions):
    """Digits, the number of the symbol that stands for each of their patches, and what the decoder makes of these.

    images, reconstructions: (n, 1, height, width). symbols: whole numbers (n, rows * columns), row by row, with as
    many rows as columns.
    """
    count, side = len(images), round(symbols.shape[1] ** 0.5)
    canvas = new_canvas(3 * WIDTH / (count + 1) * 1.08 + 0.3)
    grid = canvas.subplots(3, count, squeeze=False)
    for column in range(count):
        draw_image(grid[0, column], images[column])
        draw_image(grid[2, column], reconstructions[column])
        _draw_numbers(grid[1, column], symbols[column].reshape(side, side).tolist())
    for axes, label in zip(grid[:, 0], ("original", "symbols", "decoded"), strict=True):
        axes.set_ylabel(label, rotation=0, ha="right", va="center")
    return Figure(canvas, f"Rows of {count} digits, the {side} x {side} symbols of each, and the decoded digits.")


def _draw_numbers(axes, table):
    """A square of whole numbers in cells; the one that is there most often is grey."""
    everywhere = [number for row in table for number in row]
    common = max(everywhere, key=everywhere.count)
    side = len(table)
    for row, numbers in enumerate(table):
        for column, number in enumerate(numbers):
            colour = "0.7" if number == common else PALETTE[0]
            axes.text(column + 0.5, row + 0.5, number, ha="center", va="center", fontsize=11, color=colour)
    for place in range(side + 1):
        axes.axhline(place, color="0.8", lw=1)
        axes.axvline(place, color="0.8", lw=1)
    axes.set(xlim=(0, side), ylim=(side, 0), xticks=[], yticks=[], box_aspect=1)
    axes.spines[:].set_visible(False)
