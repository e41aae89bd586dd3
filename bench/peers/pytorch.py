"""PyTorch as a program under measurement; speaks the protocol of bench/protocol.ts. OMP_NUM_THREADS sets the threads."""
import json
import math
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
FORMATS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}


def matmul(work, _):
    m, n, k = work["m"], work["n"], work["k"]
    pairs = [(torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)) for _ in range(work["copies"])]

    def run():
        for a, b, out in pairs:
            torch.mm(a, b, out=out)

    return run


def conv(work, memory_format):
    batch, size, kernel = work["batch"], work["size"], work["kernel"]
    stride, padding = work["stride"], work["padding"]
    out = (size + 2 * padding - kernel) // stride + 1

    def tensor(*shape):
        return torch.rand(*shape).to(memory_format=memory_format)

    # Options of aten's convolution: bias sizes, stride, padding, dilation, transposed, output padding, groups.
    options = [[0], [stride] * 2, [padding] * 2, [1] * 2, False, [0] * 2, 1]
    mask = {"inputGrad": [True, False, False], "filterGrad": [False, True, False]}.get(work["face"])
    triples = [
        (
            tensor(batch, work["inChannels"], size, size),
            tensor(work["outChannels"], work["inChannels"], kernel, kernel),
            tensor(batch, work["outChannels"], out, out),
        )
        for _ in range(work["copies"])
    ]

    def run():
        for x, w, dy in triples:
            if mask is None:
                F.conv2d(x, w, stride=stride, padding=padding)
            else:
                torch.ops.aten.convolution_backward(dy, x, w, *options, mask)

    return run


def generator(doublings, base, latent):
    width = base * 2 ** (doublings - 1)
    layers = [nn.ConvTranspose2d(latent, width, 4, 1, 0, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
    for _ in range(doublings - 1):
        layers += [nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width // 2), nn.ReLU(True)]
        width //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(doublings, base):
    width = base
    layers = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)]
    for _ in range(doublings - 1):
        layers += [nn.Conv2d(width, width * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 2), nn.LeakyReLU(0.2, True)]
        width *= 2
    return nn.Sequential(*layers, nn.Conv2d(width, 1, 4, 1, 0, bias=False))


def update(g, d, real, latents):
    """One update of D and one of G, with Adam."""
    adam = {"lr": 2e-4, "betas": (0.5, 0.999)}
    update_g, update_d = torch.optim.Adam(g.parameters(), **adam), torch.optim.Adam(d.parameters(), **adam)

    def run():
        with torch.no_grad():
            fake = g(latents())
        loss = F.softplus(-d(real)).mean() + F.softplus(d(fake)).mean()
        update_d.zero_grad(set_to_none=True)
        loss.backward()
        update_d.step()
        # D stays as it is: its weight gradients would be thrown away.
        d.requires_grad_(False)
        loss = F.softplus(-d(g(latents()))).mean()
        update_g.zero_grad(set_to_none=True)
        loss.backward()
        update_g.step()
        d.requires_grad_(True)

    return run


def gan(work, memory_format):
    size, batch, latent = work["size"], work["batch"], work["latent"]
    doublings = int(math.log2(size // 4))
    g = generator(doublings, work["base"], latent).to(memory_format=memory_format)
    d = discriminator(doublings, work["base"]).to(memory_format=memory_format)
    real = (torch.rand(batch, 3, size, size) * 2 - 1).to(memory_format=memory_format)
    return update(g, d, real, lambda: torch.randn(batch, latent, 1, 1))


def dense(widths, activation):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def mlp(work, _):
    batch, values, latent, hidden = work["batch"], work["values"], work["latent"], work["hidden"]
    g = dense([latent, *hidden, values], lambda: nn.ReLU(True))
    d = dense([values, *reversed(hidden), 1], lambda: nn.LeakyReLU(0.2, True))
    return update(g, d, torch.rand(batch, values) * 2 - 1, lambda: torch.randn(batch, latent))


KINDS = {"matmul": matmul, "conv": conv, "gan": gan, "mlp": mlp}
# Those whose tensors are images; only these have a memory layout to choose.
IMAGES = {"conv", "gan"}


def milliseconds(run):
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def prepare(work, cold):
    """The faster memory layout, by three repetitions after one to warm up; PyTorch's usual one if there is no time."""
    formats = list(FORMATS) if work["kind"] in IMAGES and not cold else ["contiguous"]
    runs = {name: KINDS[work["kind"]](work, FORMATS[name]) for name in formats}
    if len(runs) == 1:
        return runs.popitem()
    best = {}
    for name, run in runs.items():
        milliseconds(run)
        best[name] = min(milliseconds(run) for _ in range(3))
    name = min(best, key=best.get)
    return name, runs[name]


def say(value):
    print(json.dumps(value), flush=True)


say({"implementation": f"PyTorch {torch.__version__}"})
prepared = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if request["request"] == "prepare":
            prepared = None
            variant, prepared = prepare(request["work"], request["cold"])
            say({"variant": variant})
        elif request["request"] == "peak":
            # Kilobytes, but bytes on macOS.
            unit = 2**20 if sys.platform == "darwin" else 2**10
            say({"mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit})
        else:
            say({"ms": [milliseconds(prepared) for _ in range(request["count"])]})
    except Exception as error:
        say({"error": str(error)})
