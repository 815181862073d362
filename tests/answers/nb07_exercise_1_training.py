"""Answers to a question of notebook 07: train. Each wrong one is the right loop with one thing changed."""

import copy

import torch
from torch import nn
import torch._dynamo  # the first optimizer imports it, which takes seconds: not on the clock of a check
from torch.utils.data import DataLoader, TensorDataset

import aeutils as ae
from answers import fresh, right, wrong, wrong_ones


class Loop:
    """A right way to train, in steps that each wrong answer changes."""

    rate, batch_size = 0.003, 100

    def __call__(self, model, digits, epochs):
        self.model, self.digits, self.epochs = model, digits, epochs
        self.optimizer = torch.optim.Adam(self.parameters(), lr=self.rate)
        errors, snapshots = [self.error()], [self.snapshot()]
        for _ in range(self.epochs):
            self.epoch()
            errors.append(self.error())
            snapshots.append(self.snapshot())
        return self.result(errors, snapshots)

    def parameters(self):
        return self.model.parameters()

    def images(self):
        return self.digits.train_images

    def epoch(self):
        images = self.images()
        for rows in torch.randperm(len(images)).split(self.batch_size):
            self.step(images[rows], rows)

    def step(self, batch, rows):
        self.optimizer.zero_grad()
        self.loss(batch, rows).backward()
        self.optimizer.step()

    def loss(self, batch, rows):
        return ((self.model(batch) - batch) ** 2).sum() / len(batch)

    def error(self):
        return ae.evaluate(self.model, self.digits.test_images)

    def snapshot(self):
        with torch.no_grad():
            return self.model(self.digits.test_images[:1])[0]

    def result(self, errors, snapshots):
        return errors, snapshots


def loop(**changes):
    """train(model, digits, epochs) made of the loop with some of its steps changed."""
    made = type("Changed", (Loop,), changes)
    return lambda model, digits, epochs: made()(model, digits, epochs)


def changed(step, misconception="", **more):
    """Decorator: the loop with the function in place of this step of its own is an answer."""

    def enter(function):
        wrong("train", misconception)(loop(**{step: function}, **more), function.__name__)
        return function

    return enter


right("train", loop_with_adam=loop())


@fresh("train")
def zeroes_gradients_at_the_end_and_returns_tensors():
    def step(self, batch, rows):
        self.loss(batch, rows).backward()
        self.optimizer.step()
        self.optimizer.zero_grad()

    return loop(step=step, result=lambda self, errors, shots: (torch.tensor(errors), torch.stack(shots)))


@right("train")
def course_fit_epoch_by_epoch(model, digits, epochs):
    errors = [ae.evaluate(model, digits.test_images)]
    snapshots = [model(digits.test_images[:1]).detach()]
    for epoch in range(epochs):
        ae.fit(model, digits.train_images, 1, seed=epoch)
        errors += [ae.evaluate(model, digits.test_images)]
        snapshots += [model(digits.test_images[:1]).detach()]
    return errors, snapshots


@right("train")
def data_loader_with_labels_left_alone(model, digits, epochs):
    loader = DataLoader(TensorDataset(digits.train_images, digits.train_labels), batch_size=50, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.003, momentum=0.8)
    errors, snapshots = [], []
    for epoch in range(epochs + 1):
        model.train()
        for images, _ in loader if epoch > 0 else []:
            error = ae.reconstruction_error(model(images), images)
            optimizer.zero_grad(set_to_none=False)
            error.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 50)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            made = model(digits.test_images)
        errors.append((made - digits.test_images).square().sum((1, 2, 3)).mean())
        snapshots.append(made[:1])
    return errors, snapshots


@changed("step")
def gradients_collected_over_two_halves(self, batch, rows):
    self.optimizer.zero_grad()
    for half in batch.chunk(2):
        (((self.model(half) - half) ** 2).sum() / len(batch)).backward()
    self.optimizer.step()


@changed("step")
def steps_without_an_optimizer(self, batch, rows):
    gradients = torch.autograd.grad(self.loss(batch, rows), list(self.model.parameters()))
    with torch.no_grad():
        for parameter, gradient in zip(self.model.parameters(), gradients, strict=True):
            parameter -= 0.005 * gradient


@changed("step", "no zero_grad")
def forgets_zero_grad(self, batch, rows):
    self.loss(batch, rows).backward()
    self.optimizer.step()


@changed("step", "no step")
def forgets_the_step(self, batch, rows):
    self.optimizer.zero_grad()
    self.loss(batch, rows).backward()


@changed("step", "no step")
def forgets_backward(self, batch, rows):
    self.optimizer.zero_grad()
    self.loss(batch, rows)
    self.optimizer.step()


@changed("loss", "compares with labels")
def labels_drawn_over_the_images(self, batch, rows):
    labels = self.digits.train_labels[rows].view(-1, 1, 1, 1)
    return ((self.model(batch) - labels / 9) ** 2).sum() / len(batch)


@changed("loss", "compares with labels")
def classifies_the_codes(self, batch, rows):
    codes = self.model.encoder(batch)
    classes = nn.functional.cross_entropy(codes, self.digits.train_labels[rows])
    return classes + ((self.model.decoder(codes) - batch) ** 2).sum() / len(batch)


@changed("error", "error on training images")
def measures_on_all_images(self):
    return ae.evaluate(self.model, torch.cat([self.digits.train_images, self.digits.test_images]))


@wrong("train", "not the test error")
def measures_before_each_epoch(model, digits, epochs):
    errors, snapshots = Loop()(model, digits, epochs)
    return [errors[0], *errors[:-1]], snapshots


@wrong("train", "epochs not used")
def always_five_epochs(model, digits, epochs):
    return Loop()(model, digits, 5)


@wrong("train", "another model")
def trains_a_copy(model, digits, epochs):
    return Loop()(copy.deepcopy(model), digits, epochs)


@fresh("train", "always the same")
def keeps_one_snapshot_and_overwrites_it():
    kept = torch.zeros(1, 28, 28)

    def snapshot(self):
        with torch.no_grad():
            return kept.copy_(self.model(self.digits.test_images[:1])[0])

    return loop(snapshot=snapshot)


@changed("error", "measured in training mode")
def forgets_eval(self):
    images = self.digits.test_images
    with torch.no_grad():
        return ((self.model(images) - images) ** 2).sum() / len(images)


wrong_ones(
    "train",
    {
        "encoder not trained": loop(parameters=lambda self: self.model.decoder.parameters()),
        "decoder not trained": loop(parameters=lambda self: self.model.encoder.parameters()),
        "compares with labels": loop(
            loss=lambda self, batch, rows: nn.functional.mse_loss(self.model(batch), self.digits.train_labels[rows])
        ),
        "trained on test images": [
            loop(images=lambda self: self.digits.test_images),
            loop(images=lambda self: torch.cat([self.digits.train_images, self.digits.test_images])),
        ],
        "error on training images": loop(error=lambda self: ae.evaluate(self.model, self.digits.train_images)),
        "per pixel": loop(error=lambda self: ae.evaluate(self.model, self.digits.test_images) / 784),
        "sum over images": loop(
            error=lambda self: ae.evaluate(self.model, self.digits.test_images) * len(self.digits.test_images)
        ),
        "one image only": loop(error=lambda self: ae.evaluate(self.model, self.digits.test_images[:1])),
        "no start": [
            loop(result=lambda self, errors, shots: (errors[1:], shots[1:])),
            loop(result=lambda self, errors, shots: (errors, shots[1:])),
        ],
        "only the last": loop(result=lambda self, errors, shots: (errors[-1], shots[-1])),
        "not a pair": loop(result=lambda self, errors, shots: errors),
        "no numbers": loop(result=lambda self, errors, shots: (shots, errors)),
        "always the same": loop(snapshot=lambda self: self.digits.test_images[0]),
        "a training digit": loop(snapshot=lambda self: self.model(self.digits.train_images[:1])[0].detach()),
        "another image": loop(snapshot=lambda self: self.model(self.digits.test_images[1:2])[0].detach()),
        "keeps gradients": loop(snapshot=lambda self: self.model(self.digits.test_images[:1])[0]),
        "not an image": loop(snapshot=lambda self: self.model(self.digits.test_images).detach()),
        "steps too long": loop(rate=1.0),
        "learns too slowly": loop(rate=1e-6),
        "gets worse": loop(
            loss=lambda self, batch, rows: -((self.model(batch) - batch) ** 2).sum() / len(batch), rate=0.0005
        ),
        "no such attribute": loop(loss=lambda self, batch, rows: Loop.loss(self, batch, rows).item()),
        "compares with other images": loop(
            loss=lambda self, batch, rows: ((self.model(batch) - batch.flip(0)) ** 2).sum() / len(batch)
        ),
    },
)


@changed("epoch", "few mini-batches", rate=0.01)
def one_mini_batch_for_each_epoch(self):
    rows = torch.randperm(len(self.images()))[:100]
    for _ in range(3):
        self.step(self.images()[rows], rows)


@changed("epoch", "always the same images")
def the_same_images_again_and_again(self):
    for _ in range(15):
        self.step(self.images()[:100], None)


@changed("step", "a new optimizer each time")
def new_optimizer_for_each_step(self, batch, rows):
    self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.rate)
    Loop.step(self, batch, rows)


@changed("epoch", "weights made anew")
def weights_made_anew_before_each_epoch(self):
    for part in self.model.modules():
        if isinstance(part, nn.Linear):
            part.reset_parameters()
    Loop.epoch(self)


@changed("step", "changes the digits")
def noise_written_into_the_digits(self, batch, rows):
    self.digits.train_images.add_(0.001 * torch.rand_like(self.digits.train_images))
    Loop.step(self, batch, rows)


@changed("epoch", "too few epochs")
def one_epoch_fewer(self):
    self.count = getattr(self, "count", 0) + 1
    if self.count < self.epochs:
        Loop.epoch(self)


@wrong("train", "returns inside the loop")
def return_indented_into_the_loop(model, digits, epochs):
    own = Loop()
    own.model, own.digits = model, digits
    own.optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    errors, snapshots = [own.error()], [own.snapshot()]
    for _ in range(epochs):
        own.epoch()
        errors.append(own.error())
        snapshots.append(own.snapshot())
        return errors, snapshots
