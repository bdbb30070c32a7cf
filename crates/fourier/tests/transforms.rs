//! There and back; outside the crate, which would else compile every algorithm a second time.
use fourier::{forward, inverse};

#[test]
fn there_and_back_is_the_signal_times_its_length() {
    for len in [8, 30, 4096] {
        let (there, back) = (forward(len), inverse(len));
        let signal: Vec<f32> = (0..len).map(|i| (i * 37 % 11) as f32 / 11.0).collect();
        let (mut input, mut bins, mut output) = (signal.clone(), there.make_output_vec(), back.make_output_vec());
        there.process(&mut input, &mut bins).unwrap();
        back.process(&mut bins, &mut output).unwrap();
        for (was, is) in signal.iter().zip(&output) {
            assert!((was - is / len as f32).abs() < 1e-5, "{was} {is}");
        }
    }
}

#[test]
fn rates_that_make_no_sense_are_refused_in_words() {
    let refused = fourier::ChunkResampler::new(0, 48_000, 1024).err();
    assert!(refused.is_some_and(|words| !words.is_empty()));
}
