//! The whole road without a fake: a press, the band, the library, the engine.
use engine::{DeckIndex, EngineConfig, EngineParams, HostBlock, Outputs, SwapAt, prepare};
use std::sync::Arc;
use std::time::{Duration, Instant};
use studio::{BandDials, Knobs, ManifestCell, Press, PressAction, Studio, StudioConfig};
use take::{Amount, BarCount, SampleRate};

const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_press_on_the_audio_thread_is_heard_as_the_takes_own_bits() {
    let dir = tempfile::tempdir().unwrap();
    let config = StudioConfig { data_dir: dir.path().join("data"), config_dir: dir.path().join("config") };
    let (mut presses, consumer) = rtrb::RingBuffer::new(16);
    let session = Arc::new(ManifestCell::default());
    let studio = Studio::start(config, session.clone(), consumer, Arc::new(BandDials::default));
    let (mut engine, handle) = prepare(EngineConfig { rate: SampleRate::DEFAULT, max_frames: 512 });
    studio.attach(handle);
    let knobs = Knobs {
        engine: jobs::EngineChoice::Band,
        style: 0,
        key: None,
        scale: None,
        bars: BarCount::new(2).unwrap(),
        energy: Amount::new(0.6),
        complexity: Amount::new(0.5),
        swing: None,
        humanise: Amount::new(0.0),
        tempo: Some(120.0),
        meter: Some((4, 4)),
        at: SwapAt::Now,
    };
    let deck = DeckIndex::new(0).unwrap();
    presses.push(Press { deck, action: PressAction::Generate, knobs }).unwrap();
    let started = Instant::now();
    let take = loop {
        if let Some(take) = studio.handle().snapshot().decks[0].take.clone() {
            break take;
        }
        assert!(started.elapsed() < PATIENCE, "{:#?}", studio.handle().snapshot().notices);
        std::thread::yield_now();
    };
    assert!(studio.handle().wait_until_settled(PATIENCE));
    let (mut left, mut right) = (vec![0.0; 512], vec![0.0; 512]);
    let mut heard = Vec::new();
    for block in 0..(48_000 * 3 / 512) {
        let pos_beats = f64::from(block * 512) / 24_000.0;
        let host = HostBlock {
            num_frames: 512,
            is_playing: true,
            tempo: Some(120.0),
            pos_beats: Some(pos_beats),
            meter: Some((4, 4)),
            ..HostBlock::default()
        };
        let mut out = Outputs { main: [&mut left, &mut right], stems: Default::default(), cue: None };
        engine.process(&host, &EngineParams::default(), &mut out);
        heard.extend_from_slice(&left);
    }
    let mix = |frame: usize| take.original.stems.iter().flatten().map(|clip| clip.left[frame]).sum::<f32>();
    // Behind the fade-in the mix is the sum of the stems; adding in another order moves the last bits.
    let worst = (4_800..heard.len()).map(|frame| (heard[frame] - mix(frame)).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-5, "off by {worst}");
    assert!(heard.iter().any(|sample| sample.abs() > 0.05), "silence");
    assert_eq!(session.get().decks[0].current, Some(take.id));
}
