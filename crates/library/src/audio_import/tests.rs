//! Files made here byte by byte: every width, order and fault that needs no encoder. Encoded files come from other
//! people's encoders in tests/python/check_import.py.
use super::*;
use std::io::Write;

fn chunk(id: &[u8; 4], body: &[u8], is_big_endian: bool) -> Vec<u8> {
    let len = body.len() as u32;
    let len = if is_big_endian { len.to_be_bytes() } else { len.to_le_bytes() };
    [id.as_slice(), &len, body, if body.len() % 2 == 1 { &[0] } else { &[] }].concat()
}

fn wav(format: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let align = channels * bits / 8;
    let mut fmt = Vec::new();
    fmt.extend(format.to_le_bytes());
    fmt.extend(channels.to_le_bytes());
    fmt.extend(rate_hz.to_le_bytes());
    fmt.extend((rate_hz * u32::from(align)).to_le_bytes());
    fmt.extend(align.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    let body =
        [b"WAVE".to_vec(), chunk(b"junk", b"odd", false), chunk(b"fmt ", &fmt, false), chunk(b"data", data, false)];
    chunk(b"RIFF", &body.concat(), false)
}

fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    file
}

/// Left, right, remarks.
type Heard = (Vec<f32>, Vec<f32>, Vec<String>);

fn read(bytes: &[u8]) -> Result<Heard, AudioReadError> {
    let file = file_of(bytes);
    let mut audio = AudioFile::open(file.path())?;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut all_left, mut all_right) = (Vec::new(), Vec::new());
    while audio.next(&mut left, &mut right)? {
        all_left.extend(&left);
        all_right.extend(&right);
    }
    Ok((all_left, all_right, audio.remarks()))
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).expect_err("it was read").to_string()
}

#[test]
fn every_width_of_wav_is_read() {
    for (format, bits, data) in [
        (1, 8, vec![192, 64]),
        (1, 16, [16_384i16.to_le_bytes(), (-16_384i16).to_le_bytes()].concat()),
        (1, 24, vec![0, 0, 0x40, 0, 0, 0xc0]),
        (1, 32, [0x4000_0000i32.to_le_bytes(), (-0x4000_0000i32).to_le_bytes()].concat()),
        (3, 32, [0.5f32.to_le_bytes(), (-0.5f32).to_le_bytes()].concat()),
        (3, 64, [0.5f64.to_le_bytes(), (-0.5f64).to_le_bytes()].concat()),
    ] {
        let (left, right, remarks) = read(&wav(format, 2, 48_000, bits, &data)).expect("readable");
        assert_eq!((left, right, remarks), (vec![0.5], vec![-0.5], vec![]), "{bits} bits");
    }
}

#[test]
fn a_cut_file_gives_what_is_there_and_says_so() {
    let whole = wav(1, 1, 8_000, 16, &[0, 0x40].repeat(8_000));
    let (left, _, remarks) = read(&whole[..whole.len() - 8_001]).expect("half of it");
    assert_eq!(left.len(), 3_999);
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].starts_with("the file breaks off after 0.5 s"), "{remarks:?}");
}

#[test]
fn a_recording_that_was_never_closed_is_read_to_its_end() {
    let mut open = wav(1, 1, 8_000, 16, &[0, 0x40].repeat(100));
    let data_len_at = open.len() - 204;
    open[data_len_at..data_len_at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let (left, _, remarks) = read(&open).expect("readable");
    assert_eq!((left.len(), remarks), (100, vec![]));
}

#[test]
fn what_is_no_audio_is_refused_in_words() {
    assert!(refusal(b"").ends_with("is empty"));
    assert!(refusal(b"<html>not found</html>").contains("is a text; WAV, AIFF"));
    assert!(refusal(b"\0\0\0\x20ftypM4A \0\0\0\0").contains("(M4A) is damaged"));
    assert!(refusal(b"\0\0\0\x14ftypqt  \0\0\0\0").contains("is a QuickTime film"));
    assert!(refusal(&wav(1, 2, 48_000, 16, b"")).contains("(WAV) holds no audio"));
    assert!(refusal(&wav(6, 1, 8_000, 8, b"abc")).contains("8-bit samples of format 6, which are not read"));
    assert!(refusal(&wav(1, 9, 48_000, 16, &[0; 36])).contains("has 9 channels; 1 to 8 are read"));
    assert!(refusal(&wav(1, 1, 12, 16, &[0; 36])).contains("says it has 12 frames a second"));
    assert!(refusal(b"RIFF\x04\0\0\0WAVE").contains("is damaged: it has no samples"));
    assert!(refusal(b"fLaC").contains("(FLAC) is damaged"));
}

#[test]
fn big_endian_and_turned_round_aiff_are_read() {
    let comm = |kind: Option<&[u8; 4]>| {
        let mut body = vec![0, 1, 0, 0, 0, 2, 0, 16, 0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0];
        body.extend(kind.into_iter().flatten());
        body
    };
    let file = |form: &[u8; 4], comm: Vec<u8>, samples: &[u8]| {
        let ssnd = [&[0; 8], samples].concat();
        let body = [form.to_vec(), chunk(b"COMM", &comm, true), chunk(b"SSND", &ssnd, true)].concat();
        chunk(b"FORM", &body, true)
    };
    let plain = read(&file(b"AIFF", comm(None), &[0x40, 0, 0xc0, 0])).expect("readable");
    let turned = read(&file(b"AIFC", comm(Some(b"sowt")), &[0, 0x40, 0, 0xc0])).expect("readable");
    assert_eq!(plain.0, [0.5, -0.5]);
    assert_eq!(turned, plain);
    assert!(refusal(&file(b"AIFC", comm(Some(b"ima4")), &[0; 4])).contains("compressed as `ima4`"));
}

#[test]
fn aac_is_read_in_and_out_of_its_container() {
    let tone: Vec<f32> = (0..48_000).map(|at| 0.5 * (at as f32 * 0.05).sin()).collect();
    let silence = vec![0.0; tone.len()];
    for options in [syom::EncodeOptions::m4a(), syom::EncodeOptions::adts()] {
        let whole = syom::encode_with(&[&tone, &silence], 48_000, &options).expect("encoded");
        let (left, right, remarks) = read(&whole).expect("readable");
        let rms = |samples: &[f32]| (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt();
        assert!(left.len().abs_diff(tone.len()) <= 4096 && remarks.is_empty(), "{} frames, {remarks:?}", left.len());
        assert!((rms(&left) - 0.5 * std::f32::consts::FRAC_1_SQRT_2).abs() < 0.02, "{}", rms(&left));
        assert!(rms(&right) < 1e-3, "{}", rms(&right));
    }
}

#[test]
fn an_m4a_whose_length_is_told_in_milliseconds_is_read() {
    let num_frames = 44_100 / 2 + 37;
    let tone: Vec<f32> = (0..num_frames).map(|at| 0.5 * (at as f32 * 0.05).sin()).collect();
    let mut whole = syom::encode_with(&[&tone], 44_100, &syom::EncodeOptions::m4a()).expect("encoded");
    let place = |whole: &[u8], name: &[u8; 4]| whole.windows(4).position(|four| four == name).expect("there") + 4;
    let (film, list) = (place(&whole, b"mvhd"), place(&whole, b"elst"));
    assert_eq!((whole[film], whole[list]), (0, 0), "headers of version 0");
    whole[film + 12..film + 16].copy_from_slice(&1000u32.to_be_bytes());
    whole[list + 8..list + 12].copy_from_slice(&501u32.to_be_bytes());
    let (left, _, remarks) = read(&whole).expect("readable");
    // 501 ms are 22 094.1 frames; what was encoded ends before.
    assert!((num_frames..=22_094).contains(&left.len()) && remarks.is_empty(), "{} frames, {remarks:?}", left.len());
}

#[test]
fn an_m4a_that_is_left_half_read_ends_its_thread() {
    let tone = vec![0.25; 480_000];
    let file = file_of(&syom::encode_with(&[&tone], 48_000, &syom::EncodeOptions::m4a()).expect("encoded"));
    let mut audio = AudioFile::open(file.path()).expect("readable");
    let (mut left, mut right) = (Vec::new(), Vec::new());
    assert!(audio.next(&mut left, &mut right).expect("its first piece"));
    // Would hang here if the decoder waited for somebody who is gone.
    drop(audio);
}

#[test]
fn samples_that_are_no_numbers_are_silenced() {
    let data = [f32::NAN, 0.5, f32::INFINITY, 0.25].map(f32::to_le_bytes).concat();
    let (left, right, remarks) = read(&wav(3, 2, 48_000, 32, &data)).expect("readable");
    assert_eq!((left, right), (vec![0.0, 0.0], vec![0.5, 0.25]));
    assert_eq!(remarks, ["2 samples that are no numbers were silenced"]);
}

#[test]
fn damaged_bytes_never_panic() {
    let whole = wav(1, 2, 48_000, 24, &[0x12, 0x34, 0x56].repeat(2_000));
    let mut state = 7u64;
    for _ in 0..500 {
        let mut bytes = whole.clone();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % 64;
            bytes[at] = (state >> 20) as u8;
        }
        // An error or some audio: either is fine.
        read(&bytes).ok();
    }
}
