"""A Qt window that receives files and gives one: an independent end of a drag.

receive_qt.py TITLE FILE        Run by Debian's own Python (python3-pyqt5).

The left half receives, the right half is dragged from (it gives FILE). A line for everything: `ready`, `motion`, `leave`,
`got URI...`; and for a line `paste` on standard input the files on the clipboard."""
import sys
import threading

from PyQt5.QtCore import QMimeData, Qt, QTimer, QUrl, pyqtSignal
from PyQt5.QtGui import QDrag
from PyQt5.QtWidgets import QApplication, QWidget


def say(*words):
    print(*words, flush=True)


class Ends(QWidget):
    asked = pyqtSignal()

    def __init__(self, title, path):
        super().__init__()
        self.path, self.pressed = path, None
        self.setWindowTitle(title)
        self.resize(300, 200)
        self.setAcceptDrops(True)
        self.asked.connect(self.paste)

    def dragEnterEvent(self, event):
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event):
        say("motion")
        event.setAccepted(event.pos().x() < self.width() // 2)

    def dragLeaveEvent(self, _event):
        say("leave")

    def dropEvent(self, event):
        event.acceptProposedAction()
        say("got", *(url.toEncoded().data().decode() for url in event.mimeData().urls()))

    def mousePressEvent(self, event):
        self.pressed = event.pos() if event.pos().x() > self.width() // 2 else None

    def mouseMoveEvent(self, event):
        if self.pressed is None or (event.pos() - self.pressed).manhattanLength() < 10:
            return
        self.pressed = None
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(self.path)])
        drag = QDrag(self)
        drag.setMimeData(data)
        action = drag.exec_(Qt.CopyAction)
        say("end" if action == Qt.CopyAction else "failed")

    def paste(self):
        say("pasted", *(url.toEncoded().data().decode() for url in QApplication.clipboard().mimeData().urls()))

    def showEvent(self, _event):
        QTimer.singleShot(200, lambda: say("ready"))


def main():
    app = QApplication(sys.argv[:1])
    ends = Ends(*sys.argv[1:])

    def listen():
        for _ in sys.stdin:
            ends.asked.emit()

    threading.Thread(target=listen, daemon=True).start()
    ends.show()
    app.exec_()


main()
