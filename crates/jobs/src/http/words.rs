//! What a server says, made fit for a sentence.

/// One short line: control characters become blanks, and what is longer than `max_chars` ends in an ellipsis. `None`
/// where nothing is left.
pub(crate) fn one_line(words: &str, max_chars: usize) -> Option<String> {
    let mut letters = words.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut line: String = letters.by_ref().take(max_chars).collect();
    if letters.next().is_some() {
        line.push('…');
    }
    let line = line.trim().trim_end_matches('.').to_owned();
    (!line.is_empty()).then_some(line)
}

/// `words` with every copy of a secret taken out.
pub(crate) fn without(words: &str, secret: Option<&str>) -> String {
    secret.map_or_else(|| words.to_owned(), |secret| words.replace(secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_hold_no_secret() {
        assert_eq!(one_line(" a\nb. ", 10).unwrap(), "a b");
        assert_eq!(one_line("abcdef", 3).unwrap(), "abc…");
        assert_eq!(one_line(" \n.", 3), None);
        assert_eq!(without("wrong key sk-1", Some("sk-1")), "wrong key ***");
        assert_eq!(without("as it is", None), "as it is");
    }
}
