//! Sparse vectors: texts as a model sees them.

/// A sparse vector: features in order, each with its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Vector {
    features: Vec<u16>,
    values: Vec<f32>,
}

impl Vector {
    /// An empty vector with room for so many features.
    pub fn with_capacity(features: usize) -> Vector {
        Vector {
            features: Vec::with_capacity(features),
            values: Vec::with_capacity(features),
        }
    }

    /// Adds a feature, which is greater than all before it.
    pub fn push(&mut self, feature: u16, value: f32) {
        self.features.push(feature);
        self.values.push(value);
    }

    /// Multiplies all numbers.
    pub fn scale(&mut self, by: f32) {
        for value in &mut self.values {
            *value *= by;
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        let features = self.features.iter().map(|feature| usize::from(*feature));
        features.zip(self.values.iter().copied())
    }

    pub fn packed(&self) -> Packed {
        Packed(
            self.iter()
                .map(|(feature, value)| (feature as u16, half(value)))
                .collect(),
        )
    }
}

/// A vector that takes four bytes a feature, for archives of a hundred thousand texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Packed(Box<[(u16, u16)]>);

impl Packed {
    pub fn iter(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        self.0
            .iter()
            .map(|(feature, value)| (usize::from(*feature), whole(*value)))
    }
}

/// The upper half of a number, rounded: three digits, which is more than a text has, or than
/// learning tells.
pub(super) fn half(value: f32) -> u16 {
    (value.to_bits().wrapping_add(0x8000) >> 16) as u16
}

pub(super) fn whole(value: u16) -> f32 {
    f32::from_bits(u32::from(value) << 16)
}
