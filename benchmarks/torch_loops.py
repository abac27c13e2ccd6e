"""The training loops of PyTorch that other benchmarks hold the book's trainings against."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn


class Encoder(nn.Module):
    """Floor 2 of the book's Transformer, out of PyTorch's own encoder layer."""

    def __init__(self, width: int, words: int):
        super().__init__()
        self.block = nn.TransformerEncoderLayer(width, 1, 2 * width, dropout=0.0, batch_first=True)
        column = torch.arange(width)
        angle = torch.arange(words)[:, None] / 10_000 ** (column // 2 * 2 / width)
        self.register_buffer("waves", torch.where(column % 2 == 1, angle.cos(), angle.sin()))

    def forward(self, notes: torch.Tensor) -> torch.Tensor:
        """Return the mean over all words."""
        return self.block(math.sqrt(notes.shape[-1]) * notes + self.waves).mean(dim=1)


class Worker(nn.Module):
    """One of PyTorch's own recurrent layers, that hands on its last memory."""

    def __init__(self, layer: nn.RNNBase):
        super().__init__()
        self.layer = layer

    def forward(self, notes: torch.Tensor) -> torch.Tensor:
        """Return the memory after the last word, of both directions if there are two."""
        _, state = self.layer(notes)
        last = state[0] if isinstance(state, tuple) else state
        return torch.cat(tuple(last), dim=-1)


class Network(nn.Module):
    """The post's factory, as PyTorch has it; it returns the clerk's sums."""

    def __init__(self, machine: str, *, vocabulary: int, width: int, words: int):
        super().__init__()
        sizes = {"input_size": width, "hidden_size": width, "batch_first": True}
        floor_2 = {
            "rnn": lambda: Worker(nn.RNN(**sizes)),
            "lstm": lambda: Worker(nn.LSTM(**sizes)),
            "bilstm": lambda: Worker(nn.LSTM(**sizes, bidirectional=True)),
            "gru": lambda: Worker(nn.GRU(**sizes)),
            "transformer": lambda: Encoder(width, words),
        }[machine]()
        clerk = nn.Linear(2 * width if machine == "bilstm" else width, 1)
        self.parts = nn.Sequential(nn.Embedding(vocabulary, width), floor_2, clerk)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Return the clerk's sums."""
        return self.parts(words)[:, 0]


def make_loop(
    words: np.ndarray,
    liked: np.ndarray,
    *,
    vocabulary: int,
    width: int,
    batch_size: int,
    machine: str = "lstm",
    device: str = "cpu",
) -> Callable[[], Network]:
    """Return what takes one dial-turn for each grab of the given reviews, in a new order."""
    network = Network(machine, vocabulary=vocabulary, width=width, words=words.shape[1]).to(device)
    optimizer = torch.optim.Adam(network.parameters(), fused=device == "cuda" or None)
    loss_of = nn.BCEWithLogitsLoss()
    words = torch.from_numpy(np.ascontiguousarray(words)).to(device)
    liked = torch.from_numpy(np.ascontiguousarray(liked)).float().to(device)

    def loop() -> Network:
        network.train()
        for grab in torch.randperm(len(words), device=device).split(batch_size):
            optimizer.zero_grad()
            loss_of(network(words[grab]), liked[grab]).backward()
            optimizer.step()
        return network

    return loop


def share_right(network: Network, words: np.ndarray, liked: np.ndarray) -> float:
    """Return the share of the given reviews that the network gets right, in 0..1."""
    device = next(network.parameters()).device
    network.eval()
    with torch.inference_mode():
        sums = [network(part.to(device)) for part in torch.from_numpy(words).split(256)]
    return float(((torch.cat(sums).cpu().numpy() > 0) == liked).mean())
