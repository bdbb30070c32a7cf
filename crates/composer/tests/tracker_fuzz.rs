//! Texts of every kind, good ones damaged in every way: none may panic, and what was read prints and reads back.
use composer::tracker::{parse, parse_bytes};
use rand_pcg::Pcg32;
use rand_pcg::rand_core::RngCore;

const NUM_TEXTS: u64 = 1_000_000;

/// What texts are strung together from.
const TOKENS: [&str; 40] = [
    "BASS",
    "DRUMS",
    "PIANO",
    "SAX",
    "\n",
    "\n",
    "\n",
    "\n",
    ".",
    "^",
    "C4:80",
    "Eb3:60",
    "F#5:127",
    "Bb-1:0",
    ",",
    ",",
    ":",
    "#",
    "# tempo: 120",
    "# meter: 7/8",
    "# swing: 0.5 eighth",
    "# meter: 32/1",
    "```",
    " ",
    "G9:128",
    "H2:1",
    "C99999999999:1",
    "C4:99999999999999999999",
    "-",
    "\r\n",
    "\u{feff}",
    "é",
    "♭",
    "C♯4:9",
    "# tempo: -1e999",
    "\0",
    "bass:",
    "**SAX**",
    "C##4:1",
    "Dbb4:1",
];

const GOOD: &str = "# tempo: 140\n# swing: 0.85 eighth\nBASS\nC2:92\n^\nE2:80\n.\nDRUMS\nC2:100,F#2:70\n.\nF#2:60\nD2:90,\
F#2:70\nPIANO\nE3:60,G3:62,Bb3:58\n^\n^\n.\nSAX\n.\nG4:80\n^\nBb4:77\n";

struct Dice(Pcg32);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0.next_u32() as usize % limit.max(1)
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(120)).map(|_| self.0.next_u32() as u8).collect()
    }

    fn tokens(&mut self) -> Vec<u8> {
        (0..self.below(40)).flat_map(|_| TOKENS[self.below(TOKENS.len())].bytes()).collect()
    }

    /// A good text with up to eight bytes changed, removed, put in or doubled, and pieces of other texts in it.
    fn damaged(&mut self) -> Vec<u8> {
        let mut bytes = GOOD.as_bytes().to_vec();
        for _ in 0..=self.below(8) {
            let (at, other) = (self.below(bytes.len()), self.below(bytes.len()));
            match self.below(6) {
                0 => bytes[at] = self.0.next_u32() as u8,
                1 => bytes[at] ^= 1 << self.below(8),
                2 => drop(bytes.drain(at.min(other)..at.max(other).min(at.min(other) + 30))),
                3 => bytes.insert(at, b"#:,^.\n 9b-"[self.below(10)]),
                4 => {
                    let piece = bytes[at.min(other)..at.max(other)].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    bytes.splice(at..at, token.bytes());
                }
            }
            if bytes.is_empty() {
                bytes.push(b'\n');
            }
            bytes.truncate(600);
        }
        bytes
    }

    fn text(&mut self) -> Vec<u8> {
        match self.below(4) {
            0 => self.bytes(),
            1 => [b"SAX\n".to_vec(), self.tokens()].concat(),
            2 => self.tokens(),
            _ => self.damaged(),
        }
    }
}

#[test]
fn a_million_texts_are_read_without_a_panic() {
    let mut dice = Dice(Pcg32::new(7, 7));
    let (mut num_bars, mut num_warnings) = (0, 0);
    for number in 0..NUM_TEXTS {
        let text = dice.text();
        let parsed = parse_bytes(&text);
        num_bars += parsed.pattern.num_bars() as u64;
        num_warnings += parsed.warnings.len() as u64;
        // Reading back costs more than reading: one in sixteen.
        if number % 16 == 0 {
            let text = String::from_utf8_lossy(&text);
            assert_eq!(parse(&parsed.pattern.print()).pattern, parsed.pattern, "text {number}: {text}");
        }
    }
    // Texts that are all garbage, or all fine, would prove nothing.
    assert!(num_bars > NUM_TEXTS / 4 && num_warnings > NUM_TEXTS / 4, "{num_bars} bars, {num_warnings} warnings");
}
