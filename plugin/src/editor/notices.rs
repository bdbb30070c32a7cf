//! What went wrong, or was done, in words. Stays until dismissed.
use super::icons::{self, Icon};
use super::theme;
use egui::{RichText, Ui};
use studio::{Command, Notice, NoticeKind, StudioHandle};

/// Most notices shown at once; older ones come back as the newer are dismissed.
const NUM_SHOWN: usize = 3;

/// Draws the newest notices, each with a button that dismisses it.
pub fn notices(ui: &mut Ui, notices: &[Notice], studio: &StudioHandle) {
    for notice in notices.iter().rev().take(NUM_SHOWN) {
        ui.horizontal(|ui| {
            if icons::button(ui, Icon::Close, egui::Vec2::splat(18.0), (None, theme::DIM), "Dismiss") {
                studio.send(Command::Dismiss { notice: notice.number });
            }
            let color = if notice.kind == NoticeKind::Error { theme::WARNING } else { theme::DIM };
            let shown = ui.add(egui::Label::new(RichText::new(&notice.text).color(color)).truncate());
            if let Some(path) = &notice.path {
                shown.on_hover_text(path.display().to_string());
            }
        });
    }
}
