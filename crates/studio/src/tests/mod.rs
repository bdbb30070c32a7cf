//! Promises of the studio, kept by a core that is stepped: no thread, no clock, no sleep.
mod bed;
mod browsing;
mod disk;
mod generating;
mod hearing;
mod manifest;
mod playing;
mod separating;
mod sessions;
mod takes;
mod threads;
