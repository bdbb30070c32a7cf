//! The smallest SoundFont that says something, written from the format's definition ("SoundFont Technical
//! Specification" 2.04, E-mu Systems): a sine on program 0, the same an octave up on program 33, a click as drum kit.
use std::f64::consts::TAU;

/// Rate of the samples in Hz.
const RATE_HZ: u32 = 44_100;
/// Frames of one turn of the sine: 441 Hz, a few cents above the A4 that it is said to be.
const TURN_FRAMES: usize = 100;
const TURNS: usize = 20;
const CLICK_FRAMES: usize = 400;
/// The format asks for so many silent frames behind each sample.
const GUARD_FRAMES: usize = 46;

/// Generator operators.
const RELEASE: u16 = 38;
const INSTRUMENT: u16 = 41;
const COARSE_TUNE: u16 = 51;
const SAMPLE_ID: u16 = 53;
const SAMPLE_MODES: u16 = 54;

/// The whole file.
pub fn tiny_soundfont() -> Vec<u8> {
    let mut body = b"sfbk".to_vec();
    body.extend(list(
        b"INFO",
        &[chunk(b"ifil", &[2, 0, 4, 0]), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", b"Tiny\0\0")],
    ));
    body.extend(list(b"sdta", &[chunk(b"smpl", &samples())]));
    body.extend(list(b"pdta", &tables()));
    chunk(b"RIFF", &body)
}

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&id[..], &(body.len() as u32).to_le_bytes(), body].concat()
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[&kind[..], &chunks.concat()].concat())
}

fn samples() -> Vec<u8> {
    let sine = (0..TURN_FRAMES * TURNS).map(|n| (TAU * n as f64 / TURN_FRAMES as f64).sin() * 20_000.0);
    let click = (0..CLICK_FRAMES)
        .map(|n| if n % 7 < 3 { 24_000.0 } else { -24_000.0 } * (1.0 - n as f64 / CLICK_FRAMES as f64));
    let guard = || std::iter::repeat_n(0.0, GUARD_FRAMES);
    let frames = sine.chain(guard()).chain(click).chain(guard());
    frames.flat_map(|sample: f64| (sample as i16).to_le_bytes()).collect()
}

fn name(text: &str) -> [u8; 20] {
    let mut name = [0; 20];
    name[..text.len()].copy_from_slice(text.as_bytes());
    name
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn tables() -> Vec<Vec<u8>> {
    let preset = |title: &str, program: u16, bank: u16, bag: u16| {
        [&name(title)[..], &words(&[program, bank, bag, 0, 0, 0, 0, 0, 0])].concat()
    };
    let instrument = |title: &str, bag: u16| [&name(title)[..], &words(&[bag])].concat();
    let sine_end = (TURN_FRAMES * TURNS) as u32;
    let click_start = sine_end + GUARD_FRAMES as u32;
    let sample = |title: &str, places: [u32; 4], key: u8| {
        let numbers = places.into_iter().chain([RATE_HZ]).flat_map(u32::to_le_bytes);
        let rest = [key, 0, 0, 0, 1, 0];
        name(title).into_iter().chain(numbers).chain(rest).collect::<Vec<u8>>()
    };
    // -6000 timecents are 31 ms.
    let release = (-6000_i16) as u16;
    vec![
        chunk(
            b"phdr",
            &[preset("Sine", 0, 0, 0), preset("High sine", 33, 0, 1), preset("Kit", 0, 128, 2), preset("EOP", 0, 0, 3)]
                .concat(),
        ),
        chunk(b"pbag", &words(&[0, 0, 1, 0, 2, 0, 3, 0])),
        chunk(b"pmod", &[0; 10]),
        chunk(b"pgen", &words(&[INSTRUMENT, 0, INSTRUMENT, 1, INSTRUMENT, 2, 0, 0])),
        chunk(
            b"inst",
            &[instrument("Sine", 0), instrument("High", 1), instrument("Click", 2), instrument("EOI", 3)].concat(),
        ),
        chunk(b"ibag", &words(&[0, 0, 3, 0, 7, 0, 8, 0])),
        chunk(b"imod", &[0; 10]),
        chunk(
            b"igen",
            &words(&[
                RELEASE,
                release,
                SAMPLE_MODES,
                1,
                SAMPLE_ID,
                0,
                RELEASE,
                release,
                COARSE_TUNE,
                12,
                SAMPLE_MODES,
                1,
                SAMPLE_ID,
                0,
                SAMPLE_ID,
                1,
                0,
                0,
            ]),
        ),
        chunk(
            b"shdr",
            &[
                sample("Sine", [0, sine_end, 0, sine_end], 69),
                sample("Click", [click_start, click_start + CLICK_FRAMES as u32, click_start, click_start], 60),
                sample("EOS", [0; 4], 0),
            ]
            .concat(),
        ),
    ]
}
