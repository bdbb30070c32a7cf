//! Signal processing blocks. See README.md.

// voices
pub mod env;
pub mod modes;
pub mod noise;
pub mod one_pole;
pub mod osc;
pub mod shape;
pub mod string;
pub mod swept_filter;

// effects and what they are made of
pub mod delay;
pub mod dj_filter;
pub mod guard;
pub mod limiter;
pub mod line;
pub mod reverb;
pub mod smooth;
pub mod stretch;
pub mod svf;
pub mod true_peak;
pub mod window;
