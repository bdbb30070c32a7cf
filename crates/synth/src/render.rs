//! Parts and a sound in, five stems out.
use crate::circle::{Circle, Grid};
use crate::drums::{Stage, kick_frames, play as play_drums};
use crate::fx::{DuckSettings, InsertContext, Sender, Space, add_sends, duck, glitch, run_inserts};
use crate::master::{Levels, master};
use crate::mix_settings::Strip;
use crate::notes::{Player, play as play_notes};
use crate::progress::{Cancelled, Ticker};
use crate::sound::Sound;
use crate::soundfont::{FontPlayer, SoundFontBank, SoundFontError};
use crate::wishes::with_wishes;
use std::cell::Cell;
use std::ops::ControlFlow;
use take::{Amount, AudioClip, Beats, Bpm, Hints, Note, Part, PartKind, SampleRate, StemKind, Tuning};

/// Everything that decides the bits of a render.
#[derive(Debug, Clone, Copy)]
pub struct RenderRequest<'a> {
    /// The notes. Several parts of one kind share a stem and an instrument.
    pub parts: &'a [Part],
    /// Tempo of the audio.
    pub tempo: Bpm,
    /// Length of one bar.
    pub bar_beats: Beats,
    /// Length of the loop.
    pub loop_beats: Beats,
    /// Rate of the audio.
    pub rate: SampleRate,
    /// The style's sound.
    pub sound: &'a Sound,
    /// The prompt's wishes.
    pub hints: &'a Hints,
    /// How hard the band plays; 0.6 leaves the sound as the style has it.
    pub energy: Amount,
    /// What the scale bends each note by.
    pub tuning: Tuning,
    /// Seed of noise and glitches.
    pub seed: u64,
}

/// A finished render.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// Stems in [`StemKind`] order; `None` where no part has notes for it. Their plain sum is the mix.
    pub stems: [Option<AudioClip>; 5],
    /// Integrated loudness of the mix, LUFS (BS.1770-4).
    pub loudness_lufs: f64,
    /// True peak of the mix, dBTP.
    pub true_peak_dbtp: f64,
}

/// Renders a loop. `progress` hears the share done (0.0..=1.0) and the stage, and may stop the render with `Break`.
///
/// Every stem has `ceil(loop length)` frames (see `take::Rendition::num_frames`); what rings past the end comes in again
/// at the start. A note starts exactly at frame `round(start * frames per beat)`. The same request gives the same bits.
///
/// # Errors
/// [`Cancelled`] once `progress` has returned `Break`; nothing is kept.
pub fn render(
    request: &RenderRequest<'_>,
    progress: &mut dyn FnMut(f32, &str) -> ControlFlow<()>,
) -> Result<Rendered, Cancelled> {
    run(request, None, progress)
}

/// Why there is no render.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RenderError {
    /// The callback asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The SoundFont cannot be played.
    #[error(transparent)]
    SoundFont(#[from] SoundFontError),
}

/// [`render`] with the instruments of a SoundFont: every part by its own program (drums from bank 128; where the file
/// has no such program, its first), the rest of the style's sound as it is. Same lengths, onsets and loudness.
///
/// # Errors
/// [`RenderError`]; nothing is kept.
pub fn render_with_soundfont(
    request: &RenderRequest<'_>,
    bank: &SoundFontBank,
    progress: &mut dyn FnMut(f32, &str) -> ControlFlow<()>,
) -> Result<Rendered, RenderError> {
    bank.check_rate(request.rate)?;
    let player = FontPlayer {
        bank,
        grid: grid_of(request),
        rate: request.rate.get() as f32,
        tuning: request.tuning,
        is_broken: Cell::new(false),
    };
    let rendered = run(request, Some(&player), progress)?;
    if player.is_broken.get() { Err(bank.damaged().into()) } else { Ok(rendered) }
}

fn run(
    request: &RenderRequest<'_>,
    font: Option<&FontPlayer<'_>>,
    progress: &mut dyn FnMut(f32, &str) -> ControlFlow<()>,
) -> Result<Rendered, Cancelled> {
    let mut ticker = Ticker::new(progress);
    let sound = with_wishes(request.sound, request.hints, request.energy);
    let job = Job::new(request, &sound, font);
    let mut stems: [Option<Circle>; 5] = Default::default();
    for (kind, share) in PartKind::ALL.into_iter().zip([0.1, 0.22, 0.42, 0.55, 0.65]) {
        ticker.stage(kind.name(), share)?;
        stems[StemKind::from(kind) as usize] = job.stem(kind, &mut ticker)?;
    }
    ticker.stage("master", 0.99)?;
    job.add_sends(&mut stems, &mut ticker)?;
    let levels = master(&mut stems, sound.master.glue, job.rate, &mut ticker)?;
    ticker.finish()?;
    Ok(job.finish(stems, levels))
}

struct Job<'a> {
    request: &'a RenderRequest<'a>,
    sound: &'a Sound,
    grid: Grid,
    rate: f32,
    kicks: Vec<(usize, f32)>,
    /// Plays in place of the built-in instruments.
    font: Option<&'a FontPlayer<'a>>,
}

fn grid_of(request: &RenderRequest<'_>) -> Grid {
    let frames_per_beat = request.tempo.frames_per_beat(request.rate);
    Grid { frames_per_beat, loop_frames: request.loop_beats.0 * frames_per_beat }
}

impl<'a> Job<'a> {
    fn new(request: &'a RenderRequest<'a>, sound: &'a Sound, font: Option<&'a FontPlayer<'a>>) -> Self {
        let grid = grid_of(request);
        let kicks = kick_frames(&notes_of(request.parts, PartKind::Drums), &grid);
        Self { request, sound, grid, rate: request.rate.get() as f32, kicks, font }
    }

    fn stem(&self, kind: PartKind, ticker: &mut Ticker<'_>) -> Result<Option<Circle>, Cancelled> {
        let notes = notes_of(self.request.parts, kind);
        if notes.is_empty() {
            return Ok(None);
        }
        let mut circle = Circle::silent(self.grid.circle_frames());
        let strip = self.strip(kind);
        self.play(kind, &notes, &mut circle, ticker)?;
        let wishes = self.request.hints.part(kind);
        // Eight slices to the beat would be noise: sixteenths.
        glitch(&mut circle, wishes.glitch, self.grid.frames(0.25), self.request.seed ^ kind as u64);
        let tilt_db = 9.0 * wishes.brightness.clamp(-1.0, 1.0);
        let context = InsertContext { tilt_db, rate: self.rate, beat_frames: self.grid.frames_per_beat };
        let loudness = run_inserts(&mut circle, strip, context, ticker)?.loudness(None);
        // Parts are balanced by their loudness while they play, so that a level means the same for every instrument.
        // -20: some room below full scale for the sum; the master sets the final level. Silence stays silent.
        let gain_db = if loudness < -150.0 { 0.0 } else { -20.0 + f64::from(strip.level_db) - loudness };
        let settings = DuckSettings {
            gain: libm::pow(10.0, gain_db / 20.0) as f32,
            depth_db: if kind == PartKind::Drums { 0.0 } else { strip.duck_db },
            release_frames: self.grid.frames(f64::from(self.sound.master.duck_beats)),
        };
        duck(&mut circle, &self.kicks, settings);
        ticker.work(circle.num_frames())?;
        Ok(Some(circle))
    }

    fn add_sends(&self, stems: &mut [Option<Circle>; 5], ticker: &mut Ticker<'_>) -> Result<(), Cancelled> {
        let space = Space {
            room: &self.sound.room,
            echo: &self.sound.echo,
            rate: self.rate,
            beat_frames: self.grid.frames_per_beat,
        };
        let mut senders = Vec::new();
        for (index, circle) in stems.iter_mut().enumerate() {
            let kind = PartKind::ALL.into_iter().find(|kind| StemKind::from(*kind) as usize == index);
            if let (Some(circle), Some(kind)) = (circle, kind) {
                let strip = self.strip(kind);
                senders.push(Sender { circle, reverb: strip.reverb, echo: strip.echo });
            }
        }
        add_sends(senders, space, ticker)
    }

    fn strip(&self, kind: PartKind) -> &Strip {
        match kind {
            PartKind::Drums => &self.sound.drums,
            _ => &self.sound.channels[kind as usize - 1].strip,
        }
    }

    fn play(
        &self,
        kind: PartKind,
        notes: &[Note],
        circle: &mut Circle,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), Cancelled> {
        if let Some(font) = self.font {
            return self
                .request
                .parts
                .iter()
                .filter(|part| part.kind == kind)
                .try_for_each(|part| font.play(part, &notes_of(std::slice::from_ref(part), kind), circle, ticker));
        }
        if kind == PartKind::Drums {
            let stage = Stage { kit: &self.sound.kit, grid: &self.grid, rate: self.rate };
            return play_drums(&stage, notes, circle, ticker);
        }
        let patch = &self.sound.channels[kind as usize - 1].patch;
        let seed = self.request.seed.wrapping_add(kind as u64);
        let player = Player { patch, grid: &self.grid, rate: self.rate, tuning: self.request.tuning, seed };
        play_notes(&player, notes, circle, ticker)
    }

    fn finish(&self, stems: [Option<Circle>; 5], levels: Levels) -> Rendered {
        let num_frames = ((self.grid.loop_frames - 1e-6).ceil() as usize).max(1);
        Rendered {
            stems: stems.map(|stem| stem.map(|circle| circle.into_clip(num_frames))),
            loudness_lufs: levels.loudness_lufs,
            true_peak_dbtp: levels.true_peak_dbtp,
        }
    }
}

/// The notes of every part of a kind, in order.
fn notes_of(parts: &[Part], kind: PartKind) -> Vec<Note> {
    let mut notes: Vec<Note> =
        parts.iter().filter(|part| part.kind == kind).flat_map(|part| part.notes.iter().copied()).collect();
    let is_sound = |note: &Note| note.start.0.is_finite() && note.duration.0.is_finite() && note.velocity > 0;
    notes.retain(is_sound);
    notes.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
    notes
}
