"""Makes the midi-model fixtures: two tiny random models (tokenizers v1 and v2) in the published layout, and what the
reference makes of them.

    git clone https://github.com/SkyTNT/midi-model REFERENCE
    pip install torch==2.8.0 transformers==4.40.2 onnx==1.17.0 onnxruntime==1.23.2 numpy==1.26.4 pillow tqdm packaging
    MIDI_MODEL_REFERENCE=REFERENCE python tools/model_fixtures/make.py midi_model

Networks and tokenizers are the reference's own (`midi_model.py`, `midi_tokenizer.py`), and so is the loop that runs the
exported files (`generate` of `app_onnx.py`); what that program needs for its window and its sound is left out.
"""
import importlib
import json
import os
import sys
import types

import numpy
import onnx
import onnxruntime
import torch
import transformers
from common import Manifest
from transformers.cache_utils import DynamicCache

NUM_EVENTS = 40
PROGRAMS = [38, 5, 81]
DRUM_KIT = 25


def reference():
    """The reference's modules, without a window and without what only training needs."""
    here = sys.path.pop(0)
    sys.path[:0] = [os.environ["MIDI_MODEL_REFERENCE"], here]
    transformers.DynamicCache = DynamicCache
    wanted = {"peft": ["PeftConfig", "LoraModel", "load_peft_weights", "set_peft_model_state_dict"], "gradio": [],
              "requests": [], "midi_synthesizer": ["MidiSynthesizer"]}
    for name, members in wanted.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, None)
        sys.modules[name] = module
    import app_onnx
    # It has the name of this very module.
    ours = sys.modules.pop(__name__)
    theirs = importlib.import_module("midi_model")
    sys.modules[__name__] = ours
    app_onnx.device = "cpu"
    return theirs, app_onnx


class Base(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.net = model.net

    def forward(self, x, past):
        summed = self.net.embed_tokens(x).sum(dim=-2)
        made = self.net(inputs_embeds=summed, past_key_values=past, use_cache=True)
        return made.last_hidden_state, made.past_key_values


class Token(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.net, self.head = model.net_token, model.lm_head

    def forward(self, hidden, x, past):
        joined = torch.cat([hidden, self.net.embed_tokens(x)], dim=1)
        made = self.net(inputs_embeds=joined, past_key_values=past, use_cache=True)
        return self.head(made.last_hidden_state), made.past_key_values


def tiny(midi_model, version):
    torch.manual_seed({"v1": 7, "v2": 2}[version])
    tokenizer = midi_model.MIDITokenizer(version)
    sizes = dict(vocab_size=tokenizer.vocab_size, hidden_size=8, pad_token_id=tokenizer.pad_id,
                 max_position_embeddings=4096, use_cache=False, initializer_range=0.7, attn_implementation="eager")
    net = transformers.LlamaConfig(num_attention_heads=2, num_hidden_layers=2, intermediate_size=16, **sizes)
    token = transformers.LlamaConfig(num_attention_heads=1, num_hidden_layers=1, intermediate_size=8, **sizes)
    model = midi_model.MIDIModel(midi_model.MIDIModelConfig(tokenizer, net, token)).eval()
    model.lm_head.weight.data.normal_(0.0, 0.7)
    # Random weights would end nearly every piece at once.
    model.lm_head.weight.data[tokenizer.eos_id] = 0.0
    return model


def shrink(model):
    model.graph.ClearField("value_info")
    for node in model.graph.node:
        node.name, node.doc_string = "", ""
    return model


def export(module, inputs, config, names, axes, path):
    """Names and open dimensions as the reference exports them."""
    first_inputs, output = names
    head = config.hidden_size // config.num_attention_heads
    layers = range(config.num_hidden_layers)
    past = tuple(tuple(torch.rand(1, config.num_attention_heads, 5, head) for _ in "kv") for _ in layers)
    ins = [f"past_key_values.{i}.{what}" for i in layers for what in ("key", "value")]
    outs = [f"present.{i}.{what}" for i in layers for what in ("key", "value")]
    axes = {**axes, **{name: {0: "batch", 2: "past_seq"} for name in ins}, **{name: {0: "batch", 2: "present_seq"} for name in outs}}
    torch.onnx.export(module, (*inputs, past), str(path), opset_version=14, do_constant_folding=True,
                      input_names=first_inputs + ins, output_names=[output] + outs, dynamic_axes=axes, dynamo=False)
    onnx.save(shrink(onnx.load(path)), path)


@torch.no_grad()
def write_model(model, folder):
    vocab, width = model.tokenizer.vocab_size, model.config.net_config.hidden_size
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(
        {"tokenizer": model.tokenizer.to_dict(), "net_config": model.config.net_config.to_dict(),
         "net_token_config": model.config.net_token_config.to_dict()}) + "\n")
    export(Base(model), (torch.randint(vocab, (1, 4, 8)),), model.config.net_config, (["x"], "hidden"),
           {"x": {0: "batch", 1: "mid_seq", 2: "token_seq"}, "hidden": {0: "batch", 1: "mid_seq"}},
           folder / "model_base.onnx")
    export(Token(model), (torch.randn(1, 1, width), torch.randint(vocab, (1, 4))), model.config.net_token_config,
           (["hidden", "x"], "y"), {"x": {0: "batch", 1: "token_seq"}, "hidden": {0: "batch", 1: "states"},
                                    "y": {0: "batch", 1: "token_seq1"}}, folder / "model_token.onnx")


def prompt(tokenizer, patches):
    """As the reference's window builds it: 3/4, G minor, 97 BPM, instruments."""
    rows = [[tokenizer.bos_id] + [tokenizer.pad_id] * 7]
    if tokenizer.version == "v2":
        rows += [tokenizer.event2tokens(["time_signature", 0, 0, 0, 3 - 1, 2 - 1]),
                 tokenizer.event2tokens(["key_signature", 0, 0, 0, -2 + 7, 1])]
    rows.append(tokenizer.event2tokens(["set_tempo", 0, 0, 0, 97]))
    for track, (channel, program) in enumerate(patches):
        rows.append(tokenizer.event2tokens(["patch_change", 0, 0, track + 1, channel, program]))
    return numpy.array(rows, numpy.int64)


def greedy(app, sessions, tokenizer, start, **masks):
    made = app.generate((*sessions, tokenizer), start, max_len=len(start) + NUM_EVENTS, temp=1.0, top_p=0.94, top_k=1, **masks)
    return [row[0].tolist() for row in made]


@torch.no_grad()
def check(model, start, made):
    """The exported files, step by step with what they remember, decide as PyTorch does for the whole piece at once. (The
    cache of the reference's own `generate` in PyTorch wants a later transformers.)"""
    rows = torch.tensor(numpy.array([*start.tolist(), *made]))[None]
    hidden = model.forward(rows)[0]
    for i, row in enumerate(made):
        if row[0] == model.tokenizer.eos_id:
            break
        parameters = model.tokenizer.events[model.tokenizer.id_events[row[0]]]
        ranges = [list(model.tokenizer.event_ids.values()) + [model.tokenizer.eos_id]]
        ranges += [model.tokenizer.parameter_ids[parameter] for parameter in parameters]
        tokens = torch.tensor([row[:len(parameters)]])
        logits = model.forward_token(hidden[len(start) + i - 1][None], tokens)[0]
        for scores, allowed, token in zip(logits, ranges, row):
            assert allowed[int(scores[allowed].argmax())] == token, "the exported files are not the model"


def cases(tokenizer):
    """Events of every kind with values at both ends of their ranges and between, as the reference writes them."""
    random = numpy.random.RandomState(3)
    made = []
    for name, parameters in tokenizer.events.items():
        sizes = [tokenizer.event_parameters[parameter] for parameter in parameters]
        rows = [[0] * len(sizes), [size - 1 for size in sizes]] + [[int(random.randint(size)) for size in sizes] for _ in range(4)]
        made += [{"event": [name, *row], "tokens": tokenizer.event2tokens([name, *row])} for row in rows]
    return made


def song(tokenizer):
    """A piece with notes that overlap on one key, some to nothing, and the reference's own score of it."""
    random = numpy.random.RandomState(11)
    rows = []
    for _ in range(60):
        values = {"time1": int(random.randint(3) == 0), "time2": int(random.randint(16)), "track": int(random.randint(2)),
                  "channel": int(random.randint(2)), "pitch": 60 + int(random.randint(3)), "velocity": 1 + int(random.randint(127)),
                  "duration": 1 + int(random.randint(12))}
        rows.append(tokenizer.event2tokens(["note", *[values[name] for name in tokenizer.events["note"]]]))
    score = tokenizer.detokenize(rows)
    notes = sorted([event[1], *event[3:], event[2]] for track in score[1:] for event in track)
    return {"tokens": rows, "ticks_per_beat": score[0], "notes": notes}


def steady(tokenizer, source, path):
    """Random weights leap over hundreds of beats. The same network with a bias on its scores writes something like music:
    notes only, half a beat to a beat apart or together, within a few octaves. For tests of what is made of the notes."""
    ranges = tokenizer.parameter_ids
    wanted = [tokenizer.event_ids["note"], *ranges["track"], *ranges["channel"]]
    wanted += [ranges["time1"][0], ranges["time1"][1], *[ranges["time2"][step] for step in (0, 4, 5, 8, 11, 12)]]
    wanted += [*ranges["pitch"][36:84], *ranges["velocity"][60:112], *[ranges["duration"][n] for n in (2, 4, 8, 16, 24)]]
    bias = numpy.full(tokenizer.vocab_size, -25.0, numpy.float32)
    bias[wanted] = 0.0
    bias[ranges["time1"][1]] = 1.0
    model = onnx.load(source)
    head = next(node for node in model.graph.node if "y" in node.output)
    head.output[0] = "scores"
    model.graph.initializer.append(onnx.numpy_helper.from_array(bias, "bias"))
    model.graph.node.append(onnx.helper.make_node("Add", ["scores", "bias"], ["y"]))
    path.parent.mkdir(exist_ok=True)
    onnx.save(model, path)


def make(folder):
    midi_model, app = reference()
    for version in ("v1", "v2"):
        place = folder / version
        model = tiny(midi_model, version)
        write_model(model, place)
        sessions = [onnxruntime.InferenceSession(place / f"model_{name}.onnx", providers=["CPUExecutionProvider"])
                    for name in ("base", "token")]
        tokenizer = model.tokenizer
        bare, start = prompt(tokenizer, []), prompt(tokenizer, [*enumerate(PROGRAMS), (9, DRUM_KIT)])
        others = [channel for channel in range(16) if channel not in (0, 1, 2, 9)]
        free = greedy(app, sessions, tokenizer, bare)
        check(model, bare, free)
        golden = {
            "vocab_size": tokenizer.vocab_size, "bare": bare.tolist(), "prompt": start.tolist(), "free": free,
            "masked": greedy(app, sessions, tokenizer, start, disable_patch_change=True, disable_control_change=True,
                             disable_channels=others),
            "cases": cases(tokenizer), "song": song(tokenizer),
        }
        (place / "golden.json").write_text(json.dumps(golden) + "\n")
        kinds = [tokenizer.id_events.get(row[0], row[0]) for row in golden["masked"]]
        print(version, tokenizer.vocab_size, len(golden["free"]), len(kinds), {kind: kinds.count(kind) for kind in kinds},
              "distinct", len({tuple(row) for row in golden["masked"]}))
    steady(tokenizer, folder / "v2" / "model_token.onnx", folder / "steady" / "model_token.onnx")
    manifest = Manifest(folder, ["torch", "transformers", "onnx", "onnxruntime", "numpy"])
    manifest.write()
