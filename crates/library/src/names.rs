//! File and folder names: short ASCII without spaces, with tempo and key, for example `deephouse_bass_124_Am_t3.mid`.
use crate::about;
use take::{Take, TakeInfo};

/// Longest piece that a style's id may take.
const MAX_STYLE_LETTERS: usize = 24;

/// Name of an exported file without its ending. `number` is the take's place in its deck's history, from 1.
pub(crate) fn file_stem(info: &TakeInfo, what: &str, number: u32) -> String {
    format!("{}_{what}_{}_{}_t{number}", style(info), about::short_number(info.tempo.get()), key(info))
}

/// Name of a folder for a whole take: style, tempo, key and the first six digits of its hash.
pub fn folder_name(take: &Take) -> String {
    let digits: String = take.id.to_string().chars().take(6).collect();
    format!("{}_{}_{}_{digits}", style(&take.info), about::short_number(take.info.tempo.get()), key(&take.info))
}

/// The id's ASCII letters and digits; a user's style may be called anything.
fn style(info: &TakeInfo) -> String {
    let letters = info.spec.style.as_str().chars().filter(char::is_ascii_alphanumeric).take(MAX_STYLE_LETTERS);
    let style = letters.collect::<String>().to_ascii_lowercase();
    if style.is_empty() { "take".to_owned() } else { style }
}

/// `#` starts a fragment in the URLs that windows hand each other when dragging: `F#m` is `Fsharpm`.
fn key(info: &TakeInfo) -> String {
    about::key(info).replace('#', "sharp")
}
