//! The instruments and kits that are built in, read once from `assets/instruments.toml`.
use crate::drums::{Kit, KitTable, kit_from};
use crate::patch::{Patch, PatchSet};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../../assets/instruments.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BankTable {
    instruments: BTreeMap<String, PatchSet>,
    kits: BTreeMap<String, KitTable>,
}

/// Every instrument by id.
#[derive(Debug)]
pub struct Bank {
    patches: BTreeMap<String, Patch>,
    kits: BTreeMap<String, Kit>,
}

static BANK: LazyLock<Bank> = LazyLock::new(|| match read(TEXT) {
    Ok(bank) => bank,
    // Built in and read by a test: a mistake cannot get out of the house.
    Err(message) => panic!("assets/instruments.toml: {message}"),
});

/// The built-in instruments.
pub fn bank() -> &'static Bank {
    &BANK
}

impl Bank {
    /// A pitched instrument.
    pub fn patch(&self, id: &str) -> Option<&Patch> {
        self.patches.get(id)
    }

    /// A drum kit.
    pub fn kit(&self, id: &str) -> Option<&Kit> {
        self.kits.get(id)
    }

    /// Ids of the pitched instruments, sorted.
    pub fn patch_ids(&self) -> impl Iterator<Item = &str> {
        self.patches.keys().map(String::as_str)
    }

    /// Ids of the kits, sorted.
    pub fn kit_ids(&self) -> impl Iterator<Item = &str> {
        self.kits.keys().map(String::as_str)
    }
}

fn read(text: &str) -> Result<Bank, String> {
    let table: BankTable = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut patches = BTreeMap::new();
    for (id, set) in &table.instruments {
        let mut patch = Patch::default();
        set.apply(&mut patch).map_err(|found| format!("{id}: {found:?}"))?;
        patches.insert(id.clone(), patch);
    }
    let mut kits = BTreeMap::new();
    for id in table.kits.keys() {
        kits.insert(id.clone(), kit_from(&table.kits, id).map_err(|fault| format!("{id}: {fault:?}"))?);
    }
    Ok(Bank { patches, kits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::INSTRUMENTS;
    use take::PartKind;

    #[test]
    fn the_bank_holds_exactly_the_published_instruments() {
        let mut published: Vec<&str> = INSTRUMENTS.iter().map(|info| info.id).collect();
        let mut held: Vec<&str> = bank().patch_ids().chain(bank().kit_ids()).collect();
        published.sort_unstable();
        held.sort_unstable();
        assert_eq!(published, held);
        for info in INSTRUMENTS {
            assert_eq!(bank().kit(info.id).is_some(), info.part == PartKind::Drums, "{}", info.id);
        }
    }
}
