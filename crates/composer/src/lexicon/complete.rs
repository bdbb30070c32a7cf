//! Words for somebody who is typing a prompt.
use super::data::{LEXICON, MAX_PHRASE_WORDS, Meaning};
use take::BUILT_IN_STYLES;

/// What a prompt may begin with, one of each kind of wish.
const STARTERS: [&str; 8] =
    ["deep sub bass", "warm pad", "dark", "sparse", "driving", "dusty drums", "rhodes", "glitchy percussion"];

/// `text` with its last words completed to a style or to a phrase the band understands, the likeliest first, `max` at
/// most. An empty text gets a few words to begin with; a text that ends in a finished word gets none.
pub fn complete_prompt(text: &str, max: usize) -> Vec<String> {
    if text.trim().is_empty() {
        return STARTERS.into_iter().take(max).map(str::to_owned).collect();
    }
    let starts: Vec<usize> = word_starts(text);
    let mut found: Vec<String> = Vec::new();
    // The longest run of words first: "hi h" means "hi hat" before any word with an h.
    for &start in starts.iter().rev().take(MAX_PHRASE_WORDS).collect::<Vec<_>>().into_iter().rev() {
        let (before, typed) = text.split_at(start);
        let typed = typed.to_lowercase();
        let mut phrases: Vec<String> = completions(&typed).collect();
        phrases.sort_by_key(|phrase| (phrase.len(), phrase.clone()));
        for phrase in phrases.into_iter().map(|phrase| format!("{before}{phrase}")) {
            if found.len() < max && !found.contains(&phrase) {
                found.push(phrase);
            }
        }
    }
    found
}

/// Where the words of the last clause begin, in bytes.
fn word_starts(text: &str) -> Vec<usize> {
    let clause = text.rfind([',', ';', '.', '!', '?', '\n', '(', ')', ':']).map_or(0, |at| at + 1);
    let mut was_gap = true;
    let mut starts = Vec::new();
    for (at, letter) in text.char_indices().filter(|(at, _)| *at >= clause) {
        let is_gap = letter.is_whitespace();
        if was_gap && !is_gap {
            starts.push(at);
        }
        was_gap = is_gap;
    }
    starts
}

/// Phrases that begin with what was typed and go on.
fn completions(typed: &str) -> impl Iterator<Item = String> {
    let is_wish = |meaning: &Meaning| {
        matches!(meaning, Meaning::Scale { .. } | Meaning::Part(_) | Meaning::Word(_) | Meaning::Instrument(_))
    };
    let range = LEXICON.range(typed.to_owned()..).take_while(|(phrase, _)| phrase.starts_with(typed));
    let words = range.filter(|(_, meaning)| is_wish(meaning)).map(|(phrase, _)| phrase.clone());
    let styles = BUILT_IN_STYLES.iter().map(|(id, _)| id.replace('_', " ")).filter(|style| style.starts_with(typed));
    let longer = |phrase: &String| phrase.len() > typed.len();
    words.chain(styles).filter(longer).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand;

    #[test]
    fn the_last_words_are_completed_and_the_others_kept() {
        assert!(complete_prompt("dusty drums, warm pa", 8).contains(&"dusty drums, warm pad".to_owned()));
        assert_eq!(complete_prompt("deep hou", 8)[0], "deep house", "the shortest first");
        assert!(complete_prompt("Hi h", 8).contains(&"hi hat".to_owned()));
        assert_eq!(complete_prompt("zzqx", 8), [""; 0]);
        assert_eq!(complete_prompt("warm pad ", 0), [""; 0]);
    }

    #[test]
    fn a_starter_and_every_completion_mean_something() {
        let offered = ["", "d", "s", "gl", "f", "♯", "é"].into_iter().flat_map(|typed| complete_prompt(typed, 50));
        for prompt in offered {
            assert!(understand(&prompt).unknown.is_empty(), "`{prompt}` is offered and not understood");
        }
    }
}
