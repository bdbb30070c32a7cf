//! The `[sound]` half of a style file.
use crate::bank::bank;
use crate::drums::{Kit, PIECES};
use crate::error::{SoundError, Source};
use crate::mix_settings::{Echo, Master, Room, SoundTable, Strip, StripSet};
use crate::patch::Patch;
use serde::Deserialize;
use take::PartKind;

/// One pitched part: its instrument and its channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    pub patch: Patch,
    pub strip: Strip,
}

/// How a style sounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    pub(crate) kit: Kit,
    pub(crate) drums: Strip,
    /// Bass, harmony, melody, texture.
    pub(crate) channels: [Channel; 4],
    pub(crate) room: Room,
    pub(crate) echo: Echo,
    pub(crate) master: Master,
}

#[derive(Deserialize)]
struct File {
    sound: Option<SoundTable>,
}

/// What a part without a word about it is played on: an instrument and a level.
const DEFAULTS: [(&str, f32); 5] =
    [("kit_909", 0.0), ("synth_bass", -2.0), ("electric_piano", -5.0), ("soft_lead", -5.0), ("drone", -14.0)];

impl Sound {
    /// Reads the `[sound]` table of a style file; other tables are not looked at. A file without one sounds like the
    /// default: 909-like kit, analog bass, electric piano, soft lead, drone, a middling room and a dotted-eighth echo.
    ///
    /// # Errors
    /// `SoundError` with the file, the line and the field.
    pub fn parse(_id: &str, file_name: &str, text: &str) -> Result<Self, SoundError> {
        let source = Source { file: file_name, text };
        let file: File = toml::from_str(text).map_err(|error| source.syntax(&error))?;
        let table = file.sound.unwrap_or_default();
        let (mut room, mut echo, mut master) = (Room::default(), Echo::default(), Master::default());
        table.room.apply(&mut room).map_err(|found| source.out_of_range("sound.room", found))?;
        table.echo.apply(&mut echo).map_err(|found| source.out_of_range("sound.echo", found))?;
        table.master.apply(&mut master).map_err(|found| source.out_of_range("sound.master", found))?;
        Ok(Self {
            kit: kit(&source, &table.drums)?,
            drums: strip(&source, &table.drums, PartKind::Drums)?,
            channels: [
                channel(&source, &table.bass, PartKind::Bass)?,
                channel(&source, &table.harmony, PartKind::Harmony)?,
                channel(&source, &table.melody, PartKind::Melody)?,
                channel(&source, &table.texture, PartKind::Texture)?,
            ],
            room,
            echo,
            master,
        })
    }

    /// The sound of a style file that says nothing about it.
    pub fn fallback() -> Self {
        Self::parse("default", "default", "").unwrap_or_else(|error| panic!("the default sound: {error}"))
    }
}

fn strip(source: &Source<'_>, set: &StripSet, part: PartKind) -> Result<Strip, SoundError> {
    let mut strip = Strip { level_db: DEFAULTS[part as usize].1, ..Strip::default() };
    set.apply(&mut strip).map_err(|found| source.out_of_range(&format!("sound.{}", part.name()), found))?;
    // Falling tones, phase modulation and saturation of uneven waves make DC.
    strip.highpass_hz = strip.highpass_hz.max(22.0);
    Ok(strip)
}

fn kit(source: &Source<'_>, set: &StripSet) -> Result<Kit, SoundError> {
    let (id, span) = match &set.kit {
        Some(id) => (id.get_ref().as_str(), id.span()),
        None => (DEFAULTS[0].0, 0..0),
    };
    let known = bank().kit(id);
    let unknown = || source.unknown(&span, "sound.drums.kit".to_owned(), id, bank().kit_ids());
    let mut kit = known.ok_or_else(unknown)?.clone();
    for (name, trim) in set.voices.iter().flatten() {
        let field = format!("sound.drums.voices.{}", name.get_ref());
        let unknown = || source.unknown(&name.span(), field.clone(), name.get_ref(), PIECES.into_iter());
        let piece = PIECES.iter().position(|piece| piece == name.get_ref()).ok_or_else(unknown)?;
        trim.apply(&mut kit.trims[piece]).map_err(|found| source.out_of_range(&field, found))?;
    }
    Ok(kit)
}

fn channel(source: &Source<'_>, set: &StripSet, part: PartKind) -> Result<Channel, SoundError> {
    let (id, span) = match &set.instrument {
        Some(id) => (id.get_ref().as_str(), id.span()),
        None => (DEFAULTS[part as usize].0, 0..0),
    };
    let field = || format!("sound.{}.instrument", part.name());
    let known = bank().patch(id);
    let mut patch = known.ok_or_else(|| source.unknown(&span, field(), id, bank().patch_ids()))?.clone();
    if let Some(changes) = &set.set {
        let table = format!("sound.{}.set", part.name());
        changes.apply(&mut patch).map_err(|found| source.out_of_range(&table, found))?;
    }
    Ok(Channel { patch, strip: strip(source, set, part)? })
}
