//! What a render promises.
mod common;
mod files;
mod instruments;
mod levels;
mod loops;
mod manual;
mod soundfonts;
mod wishes;
