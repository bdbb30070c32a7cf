//! The line of words a take is made from: what was asked before, and what could be asked.
use super::View;
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use egui::{Key, Popup, PopupCloseBehavior, Response, RichText, ScrollArea, TextEdit, Ui, Vec2};
use studio::{Command, Snapshot};

/// Words the built-in band understands, by what they are about; a line of the file is `group: word, word`.
const IDEAS: &str = include_str!("../../../assets/prompt_ideas.txt");
/// Completions below the field.
const NUM_OFFERS: usize = 6;
/// Prompts that the list shows.
const NUM_RECENT: usize = 12;
/// Width of a list at most, points.
const LIST_PX: f32 = 420.0;

/// The field's memory between frames.
#[derive(Default)]
pub struct Prompt {
    text: String,
    is_editing: bool,
    /// How far back in the history the arrow keys have gone; 0 is what was being typed.
    steps_back: usize,
    typed: String,
    /// What the text could go on as; made anew when it changes.
    offers: Vec<String>,
    /// The pointer is on the offers, which keeps them open though the field has lost the keyboard.
    is_choosing: bool,
}

impl Prompt {
    /// Draws field and list within `width` points; true when Enter was pressed in the field.
    pub fn ui(&mut self, ui: &mut Ui, view: &View<'_>, width: f32) -> bool {
        if !self.is_editing {
            self.text.clone_from(&view.snapshot.prompt);
        }
        let field = TextEdit::singleline(&mut self.text)
            .id_salt("prompt")
            .hint_text("What should it sound like?  deep sub bass, spacey pad, sparse …")
            .char_limit(take::TakeSpec::MAX_PROMPT_CHARS)
            .margin(Vec2::new(10.0, 7.0))
            .desired_width((width - 32.0).max(60.0));
        let response = ui.add(field);
        response.widget_info(|| {
            let mut info = egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Prompt");
            info.current_text_value = Some(view.snapshot.prompt.clone());
            info
        });
        self.is_editing = response.has_focus();
        let mut is_changed = response.changed();
        if is_changed || (response.gained_focus() && self.offers.is_empty()) {
            self.steps_back = 0;
            self.offers = studio::complete_prompt(&self.text, NUM_OFFERS);
        }
        if response.has_focus() {
            is_changed |= self.walk(ui, view.snapshot);
        }
        if let Some(text) = self.offer(&response) {
            self.text = text;
            self.offers = studio::complete_prompt(&self.text, NUM_OFFERS);
            is_changed = true;
        }
        let opener = icons::button(ui, Icon::Open, Vec2::new(26.0, 32.0), (None, Palette::of(ui).dim), "Prompt ideas");
        if let Some(text) = list(&opener, view.snapshot, &self.text) {
            self.text = text;
            is_changed = true;
        }
        if is_changed {
            view.studio.send(Command::SetPrompt { text: self.text.clone() });
        }
        response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
    }

    /// What the words could go on as, below the field while it is edited; the chosen one.
    fn offer(&mut self, field: &Response) -> Option<String> {
        let is_open = (field.has_focus() || self.is_choosing) && self.steps_back == 0 && !self.offers.is_empty();
        let mut chosen = None;
        let popup = Popup::from_response(field).id(field.id.with("offers")).open(is_open).gap(2.0);
        let width = field.rect.width().min(LIST_PX);
        let shown = popup.width(width).show(|ui| {
            ui.set_min_width(width);
            for offer in &self.offers {
                if ui.add(egui::Button::selectable(false, offer.as_str()).truncate()).clicked() {
                    chosen = Some(offer.clone());
                }
            }
        });
        self.is_choosing = shown.is_some_and(|shown| shown.response.contains_pointer()) && chosen.is_none();
        chosen
    }

    /// Up and down go through what was asked before; true when the text has changed.
    fn walk(&mut self, ui: &Ui, snapshot: &Snapshot) -> bool {
        let (up, down) = ui.input(|input| (input.key_pressed(Key::ArrowUp), input.key_pressed(Key::ArrowDown)));
        if up == down {
            return false;
        }
        let recent = &snapshot.prompts;
        let steps = if up { (self.steps_back + 1).min(recent.len()) } else { self.steps_back.saturating_sub(1) };
        if steps == self.steps_back {
            return false;
        }
        if self.steps_back == 0 {
            self.typed.clone_from(&self.text);
        }
        self.steps_back = steps;
        self.text = steps.checked_sub(1).and_then(|i| recent.get(i)).map_or(self.typed.clone(), String::clone);
        true
    }
}

/// The list behind the arrow; the new prompt when something was chosen.
fn list(opener: &Response, snapshot: &Snapshot, text: &str) -> Option<String> {
    let mut chosen = None;
    Popup::menu(opener).width(LIST_PX).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        let palette = Palette::of(ui);
        ui.set_min_width(LIST_PX);
        ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            let heading = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).size(theme::SMALL).color(palette.dim));
            let recent = &snapshot.prompts;
            if !recent.is_empty() {
                heading(ui, "Asked before");
                for prompt in recent.iter().take(NUM_RECENT) {
                    if ui.add(egui::Button::selectable(prompt == text, prompt.as_str()).truncate()).clicked() {
                        chosen = Some(prompt.clone());
                        ui.close();
                    }
                }
                ui.add_space(theme::GAP);
            }
            for (group, words) in IDEAS.lines().filter_map(|line| line.split_once(':')) {
                heading(ui, group);
                ui.horizontal_wrapped(|ui| {
                    for word in words.split(',').map(str::trim) {
                        if super::toggle::small(ui, word, "Add to the prompt").clicked() {
                            chosen = Some(with(text, word));
                        }
                    }
                });
            }
        });
    });
    chosen
}

/// `text` with one more wish; unchanged where it is there already.
fn with(text: &str, word: &str) -> String {
    let text = text.trim().trim_end_matches(',');
    match text {
        "" => word.to_owned(),
        text if text.split(',').any(|known| known.trim() == word) => text.to_owned(),
        text => format!("{text}, {word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_added_once() {
        assert_eq!(with("", "sparse"), "sparse");
        assert_eq!(with("dub, ", "sparse"), "dub, sparse");
        assert_eq!(with("dub, sparse", "sparse"), "dub, sparse");
    }

    #[test]
    fn every_line_of_ideas_has_a_group_and_words() {
        for line in IDEAS.lines() {
            let (group, words) = line.split_once(':').expect(line);
            assert!(!group.is_empty() && words.split(',').all(|word| !word.trim().is_empty()), "{line}");
        }
    }
}
