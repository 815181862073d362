"""Lightning's Trainer, fed by the loader of most tutorials, without logger, checkpoints and bars."""

import logging
import warnings

import lightning
import loader_loop
import plain_loop
import torch

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
load = loader_loop.load


class Network(lightning.LightningModule):
    """An autoencoder as a LightningModule; its Adam goes on from epoch to epoch."""

    def __init__(self, widths, learning_rate):
        super().__init__()
        torch.manual_seed(0)
        self.model = plain_loop.layers(widths)
        self.adam = torch.optim.Adam(self.model.parameters(), learning_rate)

    def configure_optimizers(self):
        """Called by the Trainer."""
        return self.adam

    def training_step(self, batch, index):
        """Called by the Trainer."""
        images = batch[0].flatten(1)
        return ((self.model(images) - images) ** 2).sum() / len(images)

    def trainer_of(self, **limits):
        """A Trainer that does nothing but train."""
        quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
        return lightning.Trainer(accelerator="cpu", max_epochs=1, enable_model_summary=False, **quiet, **limits)

    def warm_up(self):
        """Everything is imported in the first step; the weights stay."""
        weights = {name: values.clone() for name, values in self.state_dict().items()}
        self.trainer_of(limit_train_batches=2).fit(self, loader_loop.loader)
        self.load_state_dict(weights)
        self.adam.state.clear()

    def epoch(self):
        """One pass over the training images."""
        self.trainer_of().fit(self, loader_loop.loader)
