"""The training loop with torch.nn.LSTM that other benchmarks hold the book's trainings against."""

from collections.abc import Callable

import numpy as np
import torch


class Network(torch.nn.Module):
    """The post's factory, as PyTorch has it."""

    def __init__(self, vocabulary: int, width: int):
        super().__init__()
        self.notepad = torch.nn.Embedding(vocabulary, width)
        self.worker = torch.nn.LSTM(width, width, batch_first=True)
        self.clerk = torch.nn.Linear(width, 1)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Return the clerk's sums."""
        _, (last, _) = self.worker(self.notepad(words))
        return self.clerk(last[0])[:, 0]


def make_loop(
    words: np.ndarray, liked: np.ndarray, *, vocabulary: int, width: int, batch_size: int
) -> Callable[[], None]:
    """Return what takes one dial-turn for each grab of the given reviews."""
    network = Network(vocabulary, width)
    optimizer = torch.optim.Adam(network.parameters())
    loss_of = torch.nn.BCEWithLogitsLoss()
    grabs = list(
        zip(
            torch.from_numpy(words).split(batch_size),
            torch.from_numpy(liked).float().split(batch_size),
            strict=True,
        )
    )

    def loop() -> None:
        for grab, key in grabs:
            optimizer.zero_grad()
            loss_of(network(grab), key).backward()
            optimizer.step()

    return loop
