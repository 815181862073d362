"""Answers to a question of notebook 07: train. Each wrong one is the right loop with one thing changed."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import aeutils as ae
from answers import right, wrong, wrong_ones


class Loop:
    """A right way to train, in steps that each wrong answer changes."""

    rate, batch_size = 0.003, 100

    def __init__(self, model, digits, epochs):
        self.model, self.digits, self.epochs = model, digits, epochs
        self.errors, self.shots = [], []
        self.begin()
        self.note()

    def run(self):
        for _ in range(self.epochs):
            self.epoch()
            self.note()
        return self.result(self.errors, self.shots)

    def begin(self):
        self.optimizer = torch.optim.Adam(self.parameters(), lr=self.rate)

    def parameters(self):
        return self.model.parameters()

    def note(self):
        self.errors.append(self.error())
        self.shots.append(self.snapshot())

    def error(self):
        return ae.evaluate(self.model, self.digits.test_images)

    def snapshot(self):
        with torch.no_grad():
            return self.model(self.digits.test_images[:1])[0]

    def images(self):
        return self.digits.train_images

    def epoch(self):
        images = self.images()
        for rows in torch.randperm(len(images)).split(self.batch_size):
            self.zero()
            self.backward(self.loss(images[rows], rows))
            self.advance()

    def loss(self, batch, rows):
        return ((self.model(batch) - batch) ** 2).sum() / len(batch)

    def zero(self):
        self.optimizer.zero_grad()

    def backward(self, loss):
        loss.backward()

    def advance(self):
        self.optimizer.step()

    def result(self, errors, shots):
        return errors, shots


def loop(**changes):
    """train(model, digits, epochs) made of the loop with some of its steps changed."""
    made = type("Changed", (Loop,), changes)
    return lambda model, digits, epochs: made(model, digits, epochs).run()


def first(step, change):
    """A change of the loop: something else happens before this step."""
    return loop(**{step: lambda self: (change(self), getattr(Loop, step)(self))})


def _into(kept, made):
    """Lists that grow from call to call."""
    for old, new in zip(kept, made, strict=True):
        old += new
    return kept


def nothing(self, *_):
    """A step left out."""


def descend(self):
    """A step without an optimizer."""
    with torch.no_grad():
        for parameter in self.model.parameters():
            parameter -= 0.005 * parameter.grad


def new_gradients(self, loss):
    """Gradients put in the place of those of the step before."""
    for parameter, gradient in zip(self.model.parameters(), torch.autograd.grad(loss, self.parameters()), strict=True):
        parameter.grad = gradient


@right("train")
def data_loader_with_labels_left_alone(model, digits, epochs):
    loader = DataLoader(TensorDataset(digits.train_images, digits.train_labels), batch_size=50, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.003, momentum=0.8)
    errors, snapshots = [], []
    for epoch in range(epochs + 1):
        for images, _ in loader if epoch > 0 else []:
            optimizer.zero_grad(set_to_none=False)
            ae.reconstruction_error(model.train()(images), images).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 50)
            optimizer.step()
        with torch.no_grad():
            made = model.eval()(digits.test_images)
        errors.append((made - digits.test_images).square().sum((1, 2, 3)).mean())
        snapshots.append(made[0])
    return errors, snapshots


right(
    "train",
    course_fit_epoch_by_epoch=loop(
        epoch=lambda self: ae.fit(self.model, self.digits.train_images, 1, seed=len(self.errors))
    ),
    zeroes_gradients_at_the_end_and_returns_tensors=loop(
        zero=nothing,
        advance=lambda self: (Loop.advance(self), Loop.zero(self)),
        result=lambda self, errors, shots: (torch.tensor(errors), torch.stack(shots)),
    ),
    gradients_collected_in_two_parts=loop(
        backward=lambda self, loss: [(loss / 2).backward(retain_graph=True) for _ in range(2)]
    ),
    steps_without_an_optimizer=loop(advance=descend),
    gradients_that_take_the_place_of_others=loop(zero=nothing, backward=new_gradients),
)
wrong_ones(
    "train",
    {
        "no zero_grad": loop(zero=nothing),
        "no step": [loop(advance=nothing), loop(backward=nothing)],
        "gradients lost before the step": loop(
            backward=lambda self, loss: (Loop.backward(self, loss), Loop.zero(self))
        ),
        "newest first": loop(result=lambda self, errors, shots: (errors[::-1], shots[::-1])),
        "the digit itself": loop(snapshot=lambda self: self.digits.test_images[0]),
        "encoder not trained": loop(parameters=lambda self: self.model.decoder.parameters()),
        "decoder not trained": loop(parameters=lambda self: self.model.encoder.parameters()),
        "another model": lambda model, digits, epochs: loop()(copy.deepcopy(model), digits, epochs),
        "compares with labels": [
            loop(
                loss=lambda self, batch, rows: nn.functional.mse_loss(self.model(batch), self.digits.train_labels[rows])
            ),
            loop(
                loss=lambda self, batch, rows: nn.functional.mse_loss(
                    self.model(batch), self.digits.train_labels[rows].view(-1, 1, 1, 1) / 9 + 0 * batch
                )
            ),
        ],
        "compares with other images": loop(
            loss=lambda self, batch, rows: ((self.model(batch) - batch.flip(0)) ** 2).sum() / len(batch)
        ),
        "trained on test images": [
            loop(epoch=lambda self: self.errors[-1] <= self.errors[0] and Loop.epoch(self)),
            loop(images=lambda self: torch.cat([self.digits.train_images, self.digits.test_images])),
        ],
        "error on training images": [
            loop(error=lambda self: ae.evaluate(self.model, self.digits.train_images)),
            loop(error=lambda self: ae.evaluate(self.model, torch.cat([Loop.images(self), self.digits.test_images]))),
        ],
        "lists live on": lambda model, digits, epochs, kept=([], []): _into(kept, loop()(model, digits, epochs)),
        "scaled once more": loop(images=lambda self: 255 * self.digits.train_images),
        "learns to turn": loop(
            loss=lambda self, batch, rows: ((self.model(batch) - batch.flip(2)) ** 2).sum() / len(batch)
        ),
        "not the training images": loop(images=lambda self: 2 * self.digits.train_images - 1),
        "one step for many batches": loop(advance=lambda self: torch.rand(()) < 0.5 and Loop.advance(self)),
        "not this epoch's error": loop(error=lambda self: min([*self.errors, Loop.error(self)])),
        "per pixel": loop(error=lambda self: Loop.error(self) / 784),
        "trained in eval mode": loop(error=lambda self: ae.evaluate(self.model.eval(), self.digits.test_images)),
        "measured at the end": [
            loop(result=lambda self, errors, shots: (errors[:1] + errors[-1:] * self.epochs, shots)),
            loop(result=lambda self, errors, shots: (errors, shots[:1] + shots[-1:] * self.epochs)),
        ],
        "sum over images": loop(error=lambda self: Loop.error(self) * len(self.digits.test_images)),
        "one image only": loop(error=lambda self: ae.evaluate(self.model, self.digits.test_images[:1])),
        "measured in training mode": loop(
            error=lambda self: ae.reconstruction_error(
                self.model.train()(self.digits.test_images), self.digits.test_images
            ).item()
        ),
        "not the test error": loop(result=lambda self, errors, shots: ([errors[0], *errors[:-1]], shots)),
        "no start": [
            loop(result=lambda self, errors, shots: (errors[1:], shots[1:])),
            loop(result=lambda self, errors, shots: (errors, shots[1:])),
        ],
        "only the last": loop(result=lambda self, errors, shots: (errors[-1], shots[-1])),
        "not a pair": loop(result=lambda self, errors, shots: errors),
        "no numbers": loop(result=lambda self, errors, shots: (shots, errors)),
        "epochs not used": lambda model, digits, epochs: loop()(model, digits, 5),
        "always the same": loop(
            snapshot=lambda self: vars(self).setdefault("kept", torch.zeros(1, 28, 28)).copy_(Loop.snapshot(self))
        ),
        "a training digit": loop(snapshot=lambda self: self.model(self.digits.train_images[:1])[0].detach()),
        "another image": loop(snapshot=lambda self: self.model(self.digits.test_images[1:2])[0].detach()),
        "another shape": loop(snapshot=lambda self: self.model(self.digits.test_images[:1]).detach()),
        "keeps gradients": loop(snapshot=lambda self: self.model(self.digits.test_images[:1])[0]),
        "not an image": loop(snapshot=lambda self: self.model(self.digits.test_images).detach()),
        "steps too long": loop(rate=1.0),
        "learns too slowly": loop(rate=1e-6),
        "gets worse": loop(loss=lambda self, batch, rows: -Loop.loss(self, batch, rows), rate=0.0005),
        "no such attribute": loop(loss=lambda self, batch, rows: Loop.loss(self, batch, rows).item()),
        "few mini-batches": loop(images=lambda self: self.digits.train_images[torch.randperm(1500)[:300]], rate=0.01),
        "always the same images": loop(images=lambda self: self.digits.train_images[:100].repeat(15, 1, 1, 1)),
        "some images left out": loop(
            images=lambda self: self.digits.train_images[torch.randperm(len(self.digits.train_images))[: 64 * 23]]
        ),
        "too many passes": loop(epoch=lambda self: (Loop.epoch(self), Loop.epoch(self))),
        "not all trained": loop(parameters=lambda self: [part for part in self.model.parameters() if part.ndim > 1]),
        "too few epochs": loop(epoch=lambda self: len(self.errors) < self.epochs and Loop.epoch(self)),
        "a new optimizer each time": first("zero", Loop.begin),
        "weights made anew": first(
            "epoch",
            lambda self: [part.reset_parameters() for part in self.model.modules() if isinstance(part, nn.Linear)],
        ),
        "one batch per epoch": loop(batch_size=1500, rate=0.005),
        "changes the digits": first("zero", lambda self: self.digits.train_images.add_(0.001 * torch.rand(28, 28))),
    },
)


@wrong("train", "returns inside the loop")
def return_indented_into_the_loop(model, digits, epochs):
    own = Loop(model, digits, epochs)
    for _ in range(epochs):
        own.epoch()
        own.note()
        return own.errors, own.shots
