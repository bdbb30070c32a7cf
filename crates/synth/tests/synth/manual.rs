//! The manual says what the code does.
use synth::{Documented, Echo, FieldInfo, INSTRUMENTS, Layer, Master, Patch, Room, Strip, VoiceTrim};

#[test]
fn every_field_and_instrument_is_in_the_manual_as_it_is() {
    let manual = include_str!("../../../../docs/STYLE_SOUND.md");
    let tables: [&[FieldInfo]; 7] =
        [Strip::FIELDS, Room::FIELDS, Echo::FIELDS, Master::FIELDS, VoiceTrim::FIELDS, Patch::FIELDS, Layer::FIELDS];
    for field in tables.into_iter().flatten() {
        let FieldInfo { name, about, default, min, max } = *field;
        let row = format!("| `{name}` | {default:?} | {min:?} to {max:?} | {} |", about.trim());
        assert!(manual.contains(&row), "docs/STYLE_SOUND.md lacks: {row}");
    }
    for info in INSTRUMENTS {
        assert!(manual.contains(&format!("| `{}` |", info.id)), "{}", info.id);
    }
}
