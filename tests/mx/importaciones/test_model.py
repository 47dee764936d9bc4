"""What a report keeps to tell of."""

from __future__ import annotations

from acuse.mx.importaciones.model import TOLD_KEPT, Outcome, Report


class TestReport:
    def test_many_of_others_leave_room_for_what_cannot_be_read(self) -> None:
        report = Report()
        for place in range(TOLD_KEPT + 10):
            report.tell(f"ajeno {place}.xml", Outcome.FOREIGN)
        report.tell("roto.xml", Outcome.UNREADABLE, "CFDI_XML_UNREADABLE", "No es XML.")
        assert len(report.told) == TOLD_KEPT
        assert [each.name for each in report.told[:3]] == ["roto.xml", "ajeno 0.xml", "ajeno 1.xml"]

    def test_it_tells_them_in_the_order_they_were_met(self) -> None:
        report = Report()
        for name, outcome in (("b", Outcome.UNREADABLE), ("x", Outcome.FOREIGN), ("a", Outcome.UNREADABLE)):
            report.tell(name, outcome)
        assert [each.name for each in report.told] == ["b", "a", "x"]
        assert Report.read(report.keep()) == report
