//! Promises of the bake and of resampling.
use jobs::{BakeError, CancelToken, FakeProvider, Progress, Provider, ResampleError, bake, bake_rendition, resample};
use take::{Amount, BarCount, Beats, Bpm, Meter, Rendition, SampleRate, StyleId, Take, TakeId, TakeSpec};

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

fn spec(tempo: f64) -> TakeSpec {
    let tempo = Bpm::new(tempo).unwrap();
    TakeSpec { bars: BarCount::new(2).unwrap(), ..TakeSpec::new(StyleId::from("fake"), tempo, 5) }
}

fn fake_take(spec: &TakeSpec, rate: SampleRate) -> Take {
    FakeProvider::default().generate(spec, rate, &Progress::default(), &CancelToken::default()).unwrap()
}

fn sample_mut(rendition: &mut Rendition) -> &mut f32 {
    &mut rendition.stems[0].as_mut().unwrap().right[3]
}

#[test]
fn a_take_knows_its_own_hash() {
    let take = fake_take(&spec(120.0), rate(100));
    assert_eq!(take.id, TakeId::of(&take.info, &take.parts, &take.original));
    assert_eq!(take.original.take, take.id);
}

#[test]
fn baking_twice_changes_nothing() {
    let take = fake_take(&spec(120.0), rate(100));
    let mut original = (*take.original).clone();
    *sample_mut(&mut original) = 0.1 + 1e-9;
    let once = bake(take.info.clone(), take.parts.clone(), original).unwrap();
    let twice = bake(once.info.clone(), once.parts.clone(), (*once.original).clone()).unwrap();
    assert_eq!(once, twice);
    let step = f64::from(once.original.stems[0].as_ref().unwrap().right[3]) * 8_388_608.0;
    assert_eq!(step, step.round(), "a sample is not a whole 24-bit step");
}

#[test]
fn broken_sound_is_refused_with_the_place() {
    let good = (*fake_take(&spec(120.0), rate(100)).original).clone();
    for nonsense in [f32::NAN, f32::INFINITY] {
        let mut bad = good.clone();
        *sample_mut(&mut bad) = nonsense;
        assert_eq!(bake_rendition(&mut bad), Err(BakeError::NotFinite { stem: "drums", frame: 3 }));
    }
    let mut short = good.clone();
    short.stems[1].as_mut().unwrap().left = vec![0.5; 399].into();
    let expected = BakeError::Length { stem: "bass", frames: 399, expected_frames: 400 };
    assert_eq!(bake_rendition(&mut short), Err(expected));
    let mut silent = good.clone();
    silent.stems = Default::default();
    assert_eq!(bake_rendition(&mut silent), Err(BakeError::Silent));
}

/// A loop of whole sine cycles: what a perfect resampler gives is known.
fn sine_loop(cycles_per_loop: f64, source_rate: u32, tempo: f64) -> Rendition {
    let mut rendition = (*fake_take(&spec(tempo), rate(source_rate)).original).clone();
    fill_sine(&mut rendition, cycles_per_loop);
    rendition
}

fn fill_sine(rendition: &mut Rendition, cycles_per_loop: f64) {
    let loop_frames = rendition.loop_frames();
    let clip = rendition.stems[0].as_mut().unwrap();
    for (frame, sample) in clip.left.iter_mut().enumerate() {
        let phase = std::f64::consts::TAU * cycles_per_loop * frame as f64 / loop_frames;
        *sample = (phase.sin() * 0.5) as f32;
    }
}

#[test]
fn resampling_keeps_every_frame_in_its_place_and_the_seam_closed() {
    for (from_hz, to_hz, tempo) in [(48_000, 44_100, 120.0), (48_000, 96_000, 120.0), (44_100, 48_000, 126.0)] {
        let source = sine_loop(2000.0, from_hz, tempo);
        let made = resample(&source, rate(to_hz), &CancelToken::default()).unwrap();
        assert_eq!((made.rate, made.take, made.tempo), (rate(to_hz), source.take, source.tempo));
        let mut expected = (*fake_take(&spec(tempo), rate(to_hz)).original).clone();
        fill_sine(&mut expected, 2000.0);
        let (made, expected) = (made.stems[0].as_ref().unwrap(), expected.stems[0].as_ref().unwrap());
        assert_eq!(made.num_frames(), expected.num_frames());
        let worst = made.left.iter().zip(&expected.left).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // A loop of a fractional number of frames is fed round half a frame off at most: audible to no one, but seen.
        let allowed = if source.loop_frames().fract() == 0.0 { 1e-4 } else { 0.05 };
        assert!(worst < allowed, "{from_hz} -> {to_hz} at {tempo}: off by {worst}");
    }
}

#[test]
fn resampling_stops_when_cancelled() {
    let cancel = CancelToken::default();
    cancel.cancel();
    let source = sine_loop(10.0, 48_000, 120.0);
    assert!(matches!(resample(&source, rate(44_100), &cancel), Err(ResampleError::Cancelled(_))));
}

#[test]
fn odd_lengths_meters_and_rates_are_resampled_to_the_exact_length() {
    for (bars, meter, tempo, to_hz) in
        [(1, (1, 32), 400.0, 44_100), (3, (7, 8), 93.7, 88_200), (1, (4, 4), 20.0, 44_101)]
    {
        let spec = TakeSpec {
            bars: BarCount::new(bars).unwrap(),
            meter: Meter::new(meter.0, meter.1).unwrap(),
            energy: Amount::new(0.5),
            ..spec(tempo)
        };
        let made = resample(&fake_take(&spec, rate(48_000)).original, rate(to_hz), &CancelToken::default()).unwrap();
        assert_eq!(made.loop_beats, Beats(spec.num_beats()));
        for clip in made.stems.iter().flatten() {
            assert_eq!(clip.num_frames(), made.num_frames());
            assert!(clip.left.iter().chain(&clip.right).all(|sample| sample.is_finite()));
        }
    }
}
