"""The separator's network and its inputs; crates/separate computes the same (network.rs, cues.rs)."""
import torch
import torch.nn.functional as F

WINDOW, HOP = 4096, 1024
LAYOUT = [(256, 1), (256, 4), (512, 16), (1024, 32)]
NUM_BANDS = sum(bins // width for bins, width in LAYOUT)
NUM_CUES, NUM_STEMS = 6, 4
FLOOR = 9.3e-10
NEAR, FAR = 4, 16
# Values of a band after each level of the encoder; each has a quarter of the bands of the one before it.
FINE, MIDDLE, COARSE, CORE = 16, 24, 32, 128
GAPS = (1, 2, 4, 8, 16, 32)


def spectra_of(waves):
    """(..., samples) -> (..., frames, bins), bins to half the rate left out."""
    window = torch.hann_window(WINDOW, periodic=True)
    return torch.fft.rfft(waves.unfold(-1, WINDOW, HOP) * window, dim=-1)[..., : WINDOW // 2]


def banded(bins):
    """Sums over the bins of each band."""
    parts, first = [], 0
    for num_bins, width in LAYOUT:
        part = bins[..., first : first + num_bins]
        parts.append(part.reshape(*part.shape[:-1], num_bins // width, width).sum(dim=-1))
        first += num_bins
    return torch.cat(parts, dim=-1)


def widths():
    return torch.cat([torch.full((bins // width,), float(width)) for bins, width in LAYOUT])


def power_of(spectra):
    return spectra.real**2 + spectra.imag**2


def around(level, reach):
    """Mean over frames as far as `reach` on either side, going round."""
    frames = level.shape[0]
    reach = min(reach, (frames - 1) // 2)
    padded = torch.cat([level[-reach:], level, level[:reach]]) if reach else level
    sums = torch.cat([torch.zeros_like(padded[:1], dtype=torch.float64), padded.double().cumsum(0)])
    return ((sums[2 * reach + 1 :] - sums[:frames]) / (2 * reach + 1)).float()


def cues_of(mix):
    """Spectra (2, frames, bins) -> cues (NUM_CUES, frames, NUM_BANDS) and the factor that makes the mean power 1."""
    power = power_of(mix)
    scale = 1.0 / power.mean().clamp(min=1e-30) / 2.0
    powers = banded(power)
    cross = banded(mix[0].real * mix[1].real + mix[0].imag * mix[1].imag)
    total = powers.sum(dim=0)
    levels = torch.log2(powers * scale / widths() + FLOOR)
    level = torch.log2(total * scale / widths() + FLOOR)
    alike = cross / ((powers[0] * powers[1]).sqrt() + 1e-6 * total + 1e-37)
    middle = mix.sum(dim=0)
    last, first = middle.roll(1, 0), middle.roll(2, 0)
    turned = middle * first * (last * last).conj()
    size = turned.abs().sqrt()
    turn = torch.where(size > 0, turned.real / size.clamp(min=1e-30), torch.zeros(()))
    phase = banded(turn) / (banded(size) + FLOOR)
    near, far = around(level, NEAR), around(level, FAR)
    cues = [0.1 * levels[0], 0.1 * levels[1], alike, phase, 0.25 * (level - near), 0.25 * (level - far)]
    return torch.stack(cues), scale


class Network(torch.nn.Module):
    """Cues (mixes, NUM_CUES, frames, NUM_BANDS) -> shares (mixes, 2 channels, NUM_STEMS, frames, NUM_BANDS)."""

    def __init__(self):
        super().__init__()
        conv = torch.nn.Conv2d
        self.fine = conv(NUM_CUES, FINE, 3, bias=False)
        self.band = torch.nn.Parameter(torch.zeros(FINE, NUM_BANDS))
        self.middle = conv(FINE, MIDDLE, (1, 4), stride=(1, 4))
        self.coarse = conv(MIDDLE, COARSE, (1, 4), stride=(1, 4))
        columns = NUM_BANDS // 16 * COARSE
        self.core = torch.nn.Linear(columns, CORE)
        self.whole = torch.nn.Linear(CORE, CORE, bias=False)
        self.time = torch.nn.ModuleList(conv(CORE, CORE, (3, 1), dilation=(gap, 1), groups=CORE) for gap in GAPS)
        self.mix = torch.nn.ModuleList(torch.nn.Linear(CORE, CORE) for _ in GAPS)
        self.spread = torch.nn.Linear(CORE, columns)
        self.up_coarse = torch.nn.ConvTranspose2d(COARSE, MIDDLE, (1, 4), stride=(1, 4))
        self.middle_again = conv(MIDDLE, MIDDLE, (1, 3))
        self.up_middle = torch.nn.ConvTranspose2d(MIDDLE, FINE, (1, 4), stride=(1, 4))
        self.fine_again = conv(FINE, FINE, (1, 3))
        self.last = conv(FINE, 2 * NUM_STEMS, 1)

    @staticmethod
    def round_time(values, reach):
        """Frames go round."""
        while reach > values.shape[2]:
            reach -= values.shape[2]
        return torch.cat([values[:, :, values.shape[2] - reach :], values, values[:, :, :reach]], dim=2)

    def forward(self, cues):
        fine = F.relu(self.fine(F.pad(self.round_time(cues, 1), (1, 1))) + self.band[:, None])
        middle = F.relu(self.middle(fine))
        coarse = F.relu(self.coarse(middle))
        mixes, _, frames, columns = coarse.shape
        core = F.relu(self.core(coarse.permute(0, 2, 1, 3).reshape(mixes, frames, -1)))
        core = core + self.whole(core.mean(dim=1, keepdim=True))
        for gap, time, mix in zip(GAPS, self.time, self.mix):
            rows = self.round_time(core.transpose(1, 2)[..., None], gap)
            core = core + mix(F.relu(time(rows)[..., 0].transpose(1, 2)))
        spread = F.relu(self.spread(core)).reshape(mixes, frames, COARSE, columns).permute(0, 2, 1, 3)
        middle = F.relu(self.up_coarse(coarse + spread)) + middle
        middle = F.relu(self.middle_again(F.pad(middle, (1, 1))))
        fine = F.relu(self.up_middle(middle)) + fine
        fine = F.relu(self.fine_again(F.pad(fine, (1, 1))))
        scores = self.last(fine).reshape(mixes, 2, NUM_STEMS, frames, NUM_BANDS)
        return torch.softmax(scores.float(), dim=2)
