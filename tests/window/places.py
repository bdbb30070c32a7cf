"""Where things are in the window at its first size, 1120 x 790 at 100 %, pixels. Scripts that click check what came of it."""

SIZE = (1120, 790)
PROMPT = (300, 23)
GENERATE = (822, 24)
# Of deck 1; the decks below follow at this distance.
DECK_PX = 85
NEW = (36, 156)
MUTE = (72, 131)
PITCH = (585, 138)
# Pages of the side panel.
NOTES, SETTINGS = (826, 117), (1078, 117)
# Handles on the page of notes, in the order of the parts: drums, bass, harmony, melody, other.
HANDLES_Y, HANDLE_PX, MIDI_X, WAV_X = 611, 30, 1016, 1080


def deck(place, number):
    """The same place on deck `number`, 1 to 8."""
    return place[0], place[1] + DECK_PX * (number - 1)


def handle(part, is_midi):
    """The handle of a part's file."""
    return (MIDI_X if is_midi else WAV_X), HANDLES_Y + HANDLE_PX * part
