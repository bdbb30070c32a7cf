//! What every host test does: make an instance, press Generate, wait for the worker.
use crate::host::{Blocks, Playhead, Plugin, Recording, Roll, Song};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use take::TakeId;

/// Longest a worker may take for a take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The take on a deck and its history, as the saved state names them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeckState {
    /// Oldest first.
    pub history: Vec<String>,
    /// The one on the deck.
    pub current: Option<String>,
}

/// The framework's CLAP states start with the length of what follows, 64 bits little-endian; then comes JSON.
const LENGTH_BYTES: usize = 8;

/// A saved state with its text changed, as somebody with an editor (or a newer Continuo) would have written it.
///
/// # Errors
/// When the state is no text.
pub fn edited(state: &[u8], edit: impl FnOnce(&str) -> String) -> Result<Vec<u8>> {
    let text = state.get(LENGTH_BYTES..).context("the state is shorter than its own length field")?;
    let text = edit(std::str::from_utf8(text)?).into_bytes();
    Ok([&(text.len() as u64).to_le_bytes(), text.as_slice()].concat())
}

/// The session inside a saved state. Found by its shape, so that it does not matter how the framework wraps it.
///
/// # Errors
/// When the state holds none.
pub fn manifest(state: &[u8]) -> Result<serde_json::Value> {
    let text = state.get(LENGTH_BYTES..).context("the state is shorter than its own length field")?;
    let value: serde_json::Value = serde_json::from_slice(text).context("the state is not JSON")?;
    find_manifest(&value).context("the state holds no session")
}

fn find_manifest(value: &serde_json::Value) -> Option<serde_json::Value> {
    match value {
        serde_json::Value::Object(fields) if fields.contains_key("decks") && fields.contains_key("version") => {
            Some(value.clone())
        }
        serde_json::Value::Object(fields) => fields.values().find_map(find_manifest),
        // The framework keeps persisted fields as JSON inside a string.
        serde_json::Value::String(text) => serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .filter(|inner| inner.is_object())
            .as_ref()
            .and_then(find_manifest),
        _ => None,
    }
}

/// One deck (1..=8) of a saved state.
///
/// # Errors
/// When the state holds no session.
pub fn deck_state(state: &[u8], deck: usize) -> Result<DeckState> {
    let manifest = manifest(state)?;
    let Some(deck) = manifest["decks"].get(deck - 1) else { return Ok(DeckState::default()) };
    let id = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    Ok(DeckState {
        history: deck["history"].as_array().into_iter().flatten().filter_map(|take| id(&take["id"])).collect(),
        current: id(&deck["current"]),
    })
}

/// A parameter name of a deck, 1..=8.
pub fn deck_param(deck: usize, name: &str) -> String {
    format!("Deck {deck} {name}")
}

/// What an idle host calls with: 64 frames, or as many as the plugin was activated for.
fn short_blocks(plugin: &Plugin) -> Blocks {
    Blocks::Fixed(plugin.max_frames.min(64))
}

/// Presses a button parameter: up and down again, with a process call for each, the transport at rest.
///
/// # Errors
/// When the plugin has no such button.
pub fn press(plugin: &mut Plugin, song: &Song, name: &str) -> Result<()> {
    let max = plugin.param(name)?.max;
    let roll = Roll::new(song, 192).in_blocks(short_blocks(plugin)).stopped();
    roll.with_move(0, name, max).with_move(64, name, 0.0).play(plugin)?;
    Ok(())
}

/// Processes silent blocks with the transport at rest, as a host does, until `is_done` says so.
///
/// # Errors
/// When it does not within two minutes, or the plugin fails.
pub fn wait_until(plugin: &mut Plugin, song: &Song, what: &str, mut is_done: impl FnMut(&[u8]) -> bool) -> Result<()> {
    let start = Instant::now();
    loop {
        Roll::new(song, 64).in_blocks(short_blocks(plugin)).stopped().play(plugin)?;
        if is_done(&plugin.save_state()?) {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            bail!("{what} did not happen within {} s", PATIENCE.as_secs());
        }
        // The worker is another thread of a black box: a host can only come back and look.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Lets the studio thread carry what it has to the engine: many of its ticks pass while the host idles.
///
/// # Errors
/// When the plugin fails.
pub fn settle(plugin: &mut Plugin, song: &Song) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        Roll::new(song, 64).in_blocks(short_blocks(plugin)).stopped().play(plugin)?;
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Presses `Deck n Generate` and waits until the take is on the deck. Returns its id.
///
/// # Errors
/// When none comes.
pub fn generate(plugin: &mut Plugin, song: &Song, deck: usize) -> Result<TakeId> {
    make(plugin, song, deck, "Generate")
}

/// Presses a button of a deck that makes a take, and waits until the deck and the library have it.
///
/// # Errors
/// When none comes.
pub fn make(plugin: &mut Plugin, song: &Song, deck: usize, button: &str) -> Result<TakeId> {
    let before = deck_state(&plugin.save_state()?, deck)?;
    press(plugin, song, &deck_param(deck, button))?;
    let mut after = DeckState::default();
    wait_until(plugin, song, "a take", |state| {
        after = deck_state(state, deck).unwrap_or_default();
        after.history.len() > before.history.len() && after.current == after.history.last().cloned()
    })?;
    let id = TakeId::try_from(after.current.context("the deck has no take")?).map_err(anyhow::Error::msg)?;
    // The deck has it first; the library is slower.
    let library = library::Library::new(data_dir()?);
    wait_until(plugin, song, "a saved take", |_| library.contains(id))?;
    settle(plugin, song)?;
    Ok(id)
}

/// Rolls on with Generate pressed at the first frame, and holds time still until the take is armed: the host does not
/// call `process` meanwhile, as one that renders offline may. Returns what was recorded and the take.
///
/// # Errors
/// When none comes.
pub fn generate_rolling(
    plugin: &mut Plugin,
    song: &Song,
    deck: usize,
    head: &mut Playhead,
    blocks: Blocks,
) -> Result<(Recording, TakeId)> {
    let before = deck_state(&plugin.save_state()?, deck)?.history.len();
    let button = deck_param(deck, "Generate");
    let roll = Roll::new(song, 256).in_blocks(blocks).with_move(0, &button, 1.0).with_move(128, &button, 0.0);
    let recording = roll.play_from(plugin, head)?;
    let library = library::Library::new(data_dir()?);
    let start = Instant::now();
    loop {
        let history = deck_state(&plugin.save_state()?, deck)?.history;
        let newest = history.get(before).cloned().map(TakeId::try_from).transpose().map_err(anyhow::Error::msg)?;
        if let Some(id) = newest.filter(|id| library.contains(*id)) {
            // Many ticks of the studio thread: it has carried the take to the engine's ring.
            std::thread::sleep(Duration::from_millis(300));
            return Ok((recording, id));
        }
        if start.elapsed() > PATIENCE {
            bail!("no take within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The data folder of this process, as the test runner set it.
///
/// # Errors
/// When it is not set: then takes would go to the user's own library.
pub fn data_dir() -> Result<PathBuf> {
    std::env::var_os("CONTINUO_DATA_DIR").map(PathBuf::from).context("CONTINUO_DATA_DIR is not set")
}

/// A take from the library of this process.
///
/// # Errors
/// When it is not there.
pub fn load_take(id: TakeId) -> Result<take::Take> {
    load_take_from(&data_dir()?, id)
}

/// A take from a library.
///
/// # Errors
/// When it is not there.
pub fn load_take_from(data_dir: &Path, id: TakeId) -> Result<take::Take> {
    Ok(library::Library::new(data_dir).load(id)?)
}

/// An instance with a techno take on deck 1 that lies exactly on the grid: Humanise at 0.
pub struct Ready {
    /// Active at the asked rate.
    pub plugin: Plugin,
    /// What is on deck 1.
    pub take: take::Take,
}

/// Makes an instance for blocks of up to 8192 frames and generates at the song's tempo and meter.
///
/// # Errors
/// When any step fails.
pub fn ready(song: &Song, rate_hz: u32) -> Result<Ready> {
    let mut plugin = Plugin::load()?;
    plugin.activate(rate_hz, 8192)?;
    plugin.set_text("Style", "Techno minimal")?;
    plugin.set_text("Humanise", "0")?;
    let id = generate(&mut plugin, song, 1)?;
    let take = load_take(id)?;
    Ok(Ready { plugin, take })
}

/// Rolls from beat 0 again and again until deck 1 sounds: at another rate than the take's own a worker renders it first.
///
/// # Errors
/// When it stays silent, or the plugin fails.
pub fn wait_for_sound(plugin: &mut Plugin, song: &Song) -> Result<()> {
    let start = Instant::now();
    while Roll::new(song, 9600).play(plugin)?.peak() < 0.01 {
        if start.elapsed() > PATIENCE {
            bail!("still silent after {} s", PATIENCE.as_secs());
        }
        settle(plugin, song)?;
    }
    settle(plugin, song)
}

/// Place of the output bus called `name`, whatever its case.
///
/// # Errors
/// When there is none.
pub fn bus(plugin: &mut Plugin, name: &str) -> Result<usize> {
    let layout = plugin.layout()?;
    let found = layout.outputs.iter().position(|port| port.name.eq_ignore_ascii_case(name));
    found.with_context(|| format!("no output bus is called {name}; there are {:?}", layout.outputs))
}
