"""DenseRAN's decoder: the jamo of a syllable, one after the other, each looked for where the last was not."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun import hangul
from geulnun.charset import Charset
from geulnun.nets.character.heads import GatedCell

#: Maps and side of the convolution over where has been looked before.
_COVERAGE, _KERNEL = 32, 5


class JamoDecoder(nn.Module):
    """Maps (N, C, h, w) -> logits (N, 1, K) of the factored head, in three steps.

    Wang et al. 2018 (arXiv:1808.04134, section on the decoder with attention): two gated units, between them attention
    that knows where it has looked; the answer is made of the last jamo, the state and what is seen. Where theirs writes
    radicals and structures until an end, Hangul needs three steps: the gate and the cho (and, where there are any, the
    ideographs) come from the first, jung and jong from the others, each fed with the jamo before it. So it reads
    syllables that it never saw.

    Args:
        cin: C.
        charset: the characters.
        hidden: of states and vectors of jamo.
    """

    def __init__(self, cin: int, charset: Charset, hidden: int = 256) -> None:
        super().__init__()
        self.charset = charset
        self.begin = nn.Linear(cin, hidden)
        self.start = nn.Parameter(0.1 * torch.randn(hidden))
        self.cho, self.jung = nn.Embedding(hangul.N_CHO, hidden), nn.Embedding(hangul.N_JUNG, hidden)
        self.before, self.after = GatedCell(hidden, hidden), GatedCell(cin, hidden)
        self.keys, self.query = nn.Linear(cin, hidden), nn.Linear(hidden, hidden, bias=False)
        self.coverage = nn.Conv2d(1, _COVERAGE, _KERNEL, padding=_KERNEL // 2, bias=False)
        self.covered = nn.Linear(_COVERAGE, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)
        # Of each two numbers the larger goes on (Goodfellow et al. 2013, arXiv:1302.4389).
        self.mix = nn.Linear(2 * hidden + cin, hidden)
        self.dropout = nn.Dropout(0.2)
        first = charset.gate_size + hangul.N_CHO + len(charset.ideographs)
        self.answers = nn.ModuleList(nn.Linear(hidden // 2, width) for width in (first, hangul.N_JUNG, hangul.N_JONG))

    def forward(self, x: Tensor, ids: Tensor | None = None) -> Tensor:
        """Logits of maps (N, C, h, w); jamo are fed from class ids (N,), int64, or as they are decoded."""
        places = x.flatten(2).transpose(1, 2)
        keys = self.keys(places)
        state = torch.tanh(self.begin(places.mean(1)))
        looked = x.new_zeros(x.shape[0], 1, *x.shape[2:])
        last = self.start.expand(x.shape[0], -1)
        true_cho, true_jung = (None, None) if ids is None else self._jamo(ids)
        answers = []
        for step, answer in enumerate(self.answers):
            state = self.before(last, state)
            share = self._look(keys, state, looked)
            looked = looked + share.transpose(1, 2).reshape(looked.shape)
            seen = (share * places).sum(1)
            state = self.after(seen, state)
            mixed = self.mix(torch.cat([last, state, seen], 1)).unflatten(1, (-1, 2)).amax(2)
            answers.append(answer(self.dropout(mixed)))
            if step == 0:
                last = self.cho(self._cho(answers[0]).argmax(1) if true_cho is None else true_cho)
            elif step == 1:
                last = self.jung(answers[1].argmax(1) if true_jung is None else true_jung)
        first, jung, jong = answers
        core = self.charset.gate_size + hangul.N_CHO
        return torch.cat([first[:, :core], jung, jong, first[:, core:]], 1)[:, None]

    def _look(self, keys: Tensor, state: Tensor, looked: Tensor) -> Tensor:
        covered = self.covered(self.coverage(looked).flatten(2).transpose(1, 2))
        return torch.softmax(self.score(torch.tanh(keys + self.query(state)[:, None] + covered)), 1)

    def _cho(self, first: Tensor) -> Tensor:
        gate = self.charset.gate_size
        return first[:, gate : gate + hangul.N_CHO]

    def _jamo(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Cho and jung (N,) of class ids; of what is no syllable, those of 가 or 힣, which nothing is learnt from."""
        rest = (ids - self.charset.syllable_base).clamp(0, hangul.COUNT - 1) // hangul.N_JONG
        return rest // hangul.N_JUNG, rest % hangul.N_JUNG
