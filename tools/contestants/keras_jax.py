"""Keras 3 on JAX: the network compiled as a whole, model.fit on arrays in memory."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras


def load(train_images, test_images, batch):
    """Keep the data."""
    global train, test, batch_size
    train, test, batch_size = train_images, test_images, batch


class Network:
    """An autoencoder and its Adam."""

    def __init__(self, widths, learning_rate):
        keras.utils.set_random_seed(0)
        *hidden, latent = widths[1:]
        layers = [keras.layers.Dense(width, activation="relu") for width in hidden]
        layers += [keras.layers.Dense(latent)]
        layers += [keras.layers.Dense(width, activation="relu") for width in hidden[::-1]]
        self.model = keras.Sequential([keras.Input((widths[0],)), *layers, keras.layers.Dense(784, "sigmoid")])
        self.model.compile(keras.optimizers.Adam(learning_rate), "mse")

    def warm_up(self):
        """Compile for whole batches and for the last, smaller one; then the weights and Adam are as they were."""
        weights = self.model.get_weights()
        some = train[: 2 * batch_size + len(train) % batch_size]
        self.model.fit(some, some, batch_size, verbose=0)
        self.model.set_weights(weights)
        for variable in self.model.optimizer.variables:
            if variable.path.split("/")[-1] != "learning_rate":
                variable.assign(variable * 0)

    def epoch(self):
        """One pass over the training images."""
        self.model.fit(train, train, batch_size, epochs=1, verbose=0)

    def error(self):
        """Test error, summed over the pixels."""
        return 784 * self.model.evaluate(test, test, 1000, verbose=0)
