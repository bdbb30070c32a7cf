//! Window and interpolation shapes, computed with `libm` so that every system gets the same bits. Offline: tables.

/// `sin(pi x) / (pi x)`.
pub fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1.0e-9 { 1.0 } else { libm::sin(angle) / angle }
}

/// Kaiser window; `x` -1.0..=1.0 over its width, 0 outside. `beta` 7.0 gives about -70 dB.
pub fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() > 1.0 { 0.0 } else { bessel_i0(beta * (1.0 - x * x).sqrt()) / bessel_i0(beta) }
}

/// Rising half of a Hann window, `x` 0.0..=1.0.
pub fn hann_rise(x: f64) -> f64 {
    0.5 - 0.5 * libm::cos(std::f64::consts::PI * x)
}

/// Modified Bessel function of the first kind, order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..40 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_have_their_known_values() {
        assert_eq!((sinc(0.0), kaiser(0.0, 7.0), hann_rise(0.0)), (1.0, 1.0, 0.0));
        assert!(sinc(3.0).abs() < 1e-15 && kaiser(1.5, 7.0) == 0.0);
        // I0(7) = 168.5939 (tables).
        assert!((1.0 / kaiser(1.0, 7.0) - 168.5939).abs() < 0.001);
    }
}
