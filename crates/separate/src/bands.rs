//! Bands that masks are made for: single bins to 3 kHz, then wider and wider ones, the same at every rate.

/// Number of bands; 16 times a multiple of 8, which the network relies on.
pub(crate) const NUM_BANDS: usize = 384;
/// (bins that are taken this way, bins to a band); 11.7 Hz a bin.
const LAYOUT: [(usize, usize); 4] = [(256, 1), (256, 4), (512, 16), (1024, 32)];

/// First bin of each band, and the end of the last.
pub(crate) struct Bands {
    edges: Vec<usize>,
}

impl Bands {
    pub(crate) fn new() -> Self {
        let mut edges = vec![0];
        for (num_bins, width) in LAYOUT {
            let first = edges[edges.len() - 1];
            edges.extend((1..=num_bins / width).map(|number| first + number * width));
        }
        Self { edges }
    }

    /// Bins of a band, at most up to `num_bins`; empty where the rate has none there.
    pub(crate) fn bins(&self, band: usize, num_bins: usize) -> std::ops::Range<usize> {
        self.edges[band].min(num_bins)..self.edges[band + 1].min(num_bins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_in_one_band() {
        let bands = Bands::new();
        assert_eq!(bands.edges.len(), NUM_BANDS + 1);
        assert_eq!(bands.edges[NUM_BANDS], 2048);
        assert_eq!((bands.bins(3, 2049), bands.bins(256, 2049)), (3..4, 256..260));
        assert!(bands.bins(NUM_BANDS - 1, 500).is_empty());
    }
}
