//! Bands that masks are made for: single bins to 3 kHz, then wider and wider ones, the same at every rate.

/// Number of bands; a multiple of 8, which the medians rely on.
pub(crate) const NUM_BANDS: usize = 576;
/// (bins that are taken this way, bins to a band); 11.7 Hz a bin.
const LAYOUT: [(usize, usize); 4] = [(256, 1), (256, 2), (512, 4), (1024, 16)];

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

    /// The band a bin belongs to; the last for everything above.
    pub(crate) fn of_bin(&self, bin: usize) -> usize {
        self.edges.partition_point(|edge| *edge <= bin).clamp(1, NUM_BANDS) - 1
    }

    /// Middle of a band in bins.
    pub(crate) fn centre(&self, band: usize) -> f32 {
        0.5 * (self.edges[band] + self.edges[band + 1] - 1) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_in_one_band() {
        let bands = Bands::new();
        assert_eq!(bands.edges.len(), NUM_BANDS + 1);
        for bin in 0..2048 {
            assert!(bands.bins(bands.of_bin(bin), 2049).contains(&bin), "{bin}");
        }
        assert_eq!(bands.of_bin(5000), NUM_BANDS - 1);
        assert!(bands.bins(NUM_BANDS - 1, 500).is_empty());
        assert_eq!((bands.centre(3), bands.centre(256)), (3.0, 256.5));
    }
}
