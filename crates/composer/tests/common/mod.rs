//! The built-in styles, as files.
use composer::Style;
use std::sync::LazyLock;

/// Text of a built-in style file.
pub fn text(id: &str) -> String {
    let path = format!("{}/../../assets/styles/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every built-in style, in the permanent order.
pub static STYLES: LazyLock<Vec<Style>> = LazyLock::new(|| {
    let parse = |(id, _): &(&str, &str)| Style::parse(id, &format!("{id}.toml"), &text(id));
    take::BUILT_IN_STYLES.iter().map(|style| parse(style).unwrap_or_else(|error| panic!("{error}"))).collect()
});
