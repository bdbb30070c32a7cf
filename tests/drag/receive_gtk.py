"""A GTK window that receives files and gives one: an independent end of a drag.

receive_gtk.py TITLE FILE       Run by Debian's own Python (python3-gi, gir1.2-gtk-3.0).

The left half receives, the right half is dragged from (it gives FILE). A line for everything: `ready`, `motion`, `leave`,
`got URI...`; and for a line `paste` on standard input the files on the clipboard."""
import sys
import threading

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GLib, Gtk


def say(*words):
    print(*words, flush=True)


def got(_widget, context, _x, _y, data, _info, time):
    say("got", *(data.get_uris() or []))
    Gtk.drag_finish(context, bool(data.get_uris()), False, time)


def main():
    title, path = sys.argv[1:]
    window = Gtk.Window(title=title)
    window.set_default_size(300, 200)
    window.connect("destroy", Gtk.main_quit)
    box = Gtk.Box(homogeneous=True)
    window.add(box)

    sink = Gtk.EventBox()
    sink.add(Gtk.Label(label="receives"))
    sink.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
    sink.drag_dest_add_uri_targets()
    sink.connect("drag-data-received", got)
    sink.connect("drag-motion", lambda *_: say("motion"))
    sink.connect("drag-leave", lambda *_: say("leave"))
    box.add(sink)

    source = Gtk.EventBox()
    source.add(Gtk.Label(label="gives"))
    source.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    source.drag_source_add_uri_targets()
    source.connect("drag-data-get", lambda _w, _c, data, *_: data.set_uris([GLib.filename_to_uri(path)]))
    source.connect("drag-failed", lambda *_: say("failed"))
    source.connect("drag-end", lambda *_: say("end"))
    box.add(source)

    def paste():
        uris = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_uris()
        say("pasted", *(uris or []))

    def listen():
        for _ in sys.stdin:
            GLib.idle_add(paste)

    threading.Thread(target=listen, daemon=True).start()
    window.show_all()
    window.connect("map-event", lambda *_: say("ready"))
    Gtk.main()


main()
