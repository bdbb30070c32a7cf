//! What went wrong, or was done, in words. Stays until dismissed.
use super::icons::{self, Icon};
use super::theme::Palette;
use egui::{Align, Label, Layout, RichText, ScrollArea, Ui};
use studio::{Command, Notice, NoticeKind, StudioHandle};

/// Room for notices at the lower edge, points; more of them scroll.
const MAX_HEIGHT: f32 = 96.0;

/// Draws the notices, newest first, each with a button that dismisses it.
pub fn notices(ui: &mut Ui, notices: &[Notice], studio: &StudioHandle, complaint: &mut Option<String>) {
    let palette = Palette::of(ui);
    ScrollArea::vertical().max_height(MAX_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        if let Some(sentence) = complaint.clone() {
            ui.horizontal(|ui| {
                if icons::bare(ui, Icon::Close, palette.dim, "Dismiss").clicked() {
                    *complaint = None;
                }
                ui.label(RichText::new("!").color(palette.warning).strong());
                ui.add(Label::new(RichText::new(sentence).color(palette.warning)).wrap());
            });
        }
        for notice in notices.iter().rev() {
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                if icons::bare(ui, Icon::Close, palette.dim, "Dismiss").clicked() {
                    studio.send(Command::Dismiss { notice: notice.number });
                }
                let is_error = notice.kind == NoticeKind::Error;
                let (mark, color) = if is_error { ("!", palette.warning) } else { ("i", palette.accent) };
                ui.label(RichText::new(mark).color(color).strong());
                let text = RichText::new(&notice.text).color(if is_error { palette.warning } else { palette.text });
                let shown = ui.add(Label::new(text).wrap().selectable(true));
                if let Some(path) = &notice.path {
                    shown.on_hover_text(path.display().to_string());
                }
            });
        }
        if notices.len() > 1 && super::toggle::small(ui, "Dismiss all", "All of these are read").clicked() {
            notices.iter().for_each(|notice| studio.send(Command::Dismiss { notice: notice.number }));
        }
    });
}
