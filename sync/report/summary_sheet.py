"""The first sheet of report.xlsx: the run in a few sentences, facts, counts with a chart, why rows did not make it.

What enters: what the page says first too, and what was counted while the rows were written.
What leaves: a sheet. What never happens here: a formula; a count of which it is not said what it counts.
"""

import math
from collections.abc import Iterator
from urllib.parse import urlsplit

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sync import messages
from sync.outcome import TROUBLED
from sync.report.cells import Losses, storable
from sync.report.page.shown import shown
from sync.report.page.story import (
    Told,
    account_words,
    broken_guards,
    figure,
    local_moment,
    notes,
    place_text,
    status,
    steps,
    story,
    title,
)  # fmt: skip
from sync.report.page.tempo import clock_time, is_worth_showing, tempo_text
from sync.report.reach import reach_lines
from sync.report.reasons import PLACES, Kind, Reasons
from sync.report.text import duration

_WIDTHS = (26, 16, 70, 24)
_LETTERS = 125  # of a sentence in a line across the first three columns
_LINE = 15.0  # points
_FONT = "Calibri"  # openpyxl's own, and Excel's
_BIG = Font(name=_FONT, bold=True, size=14)
_STRONG = Font(name=_FONT, bold=True)
_HEADING = Font(name=_FONT, bold=True, size=12, color="1F3A5F")
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
_RULE = Border(bottom=Side("thin", color="7F8894"))
_BAR = "1F3A5F"
_ALWAYS = ("added", "edited", "unchanged", "rejected")
_REASONS = 100
_CHART_WIDTH, _CHART_HEIGHT, _BAR_HEIGHT, _TEMPO_HEIGHT = 16, 2.2, 0.7, 7  # cm
_ROW_HEIGHT = 0.53  # of a usual row, in cm
_MOMENTS = 30  # bars, each of which is a line beside the chart
_REQUESTS, _AFTER_CHART = 2, 4  # columns
_REPEATED, _LIGHT = "page_tempo_again", "D9A441"
_BESIDE, _TROUBLES = ("page_tempo_done",), (_REPEATED, "page_tempo_unsure")

Value = str | int | float


class SummarySheet:
    """Writes the sheet from top to bottom."""

    def __init__(self, sheet: Worksheet, told: Told, reasons: Reasons, losses: Losses, columns_left: int) -> None:
        self._sheet, self._told, self._reasons, self._losses = sheet, told, reasons, losses
        self._columns_left = columns_left
        self._row = 0

    def write(self) -> None:
        """Writes all of it."""
        sheet = self._sheet
        sheet.title = messages.label("book_summary")
        for place, width in enumerate(_WIDTHS, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self._put(1, title(self._told), _BIG)
        self._sentence(story(self._told))
        for said in (*broken_guards(self._told), *notes(self._told)):
            self._sentence(said)
        self._counts()
        self._steps()
        self._facts()
        self._requests()
        self._tempo()
        self._why()
        self._limits()

    # Parts

    def _steps(self) -> None:
        found = list(steps(self._told))
        self._heading("page_next")
        if not found:
            self._sentence(messages.text("page_next_nothing", {}))
        for step in found:
            self._sentence(step.said)
            if step.command:
                self._sentence(shown(step.command), Font(name="Consolas"))

    def _facts(self) -> None:
        self._heading("page_facts")
        for name, value in self._told_facts():
            self._put(1, name, _STRONG)
            self._put(2, value, next_row=False)

    def _told_facts(self) -> Iterator[tuple[str, Value]]:
        told, meta = self._told, self._told.run.meta
        yield messages.label("page_run"), meta.run
        yield messages.label("book_status"), status(told)
        if meta.job:
            yield messages.label("book_job"), shown(meta.job)
        for each in told.run.inputs():
            name = shown(each.name)
            if each.sheet:
                name = messages.label("page_sheet_of", file=name, sheet=shown(each.sheet))
            yield messages.label("page_file"), name
        host = urlsplit(meta.base_url).netloc or meta.base_url
        yield messages.label("page_account"), account_words(meta, host)
        if meta.mapping:
            yield messages.label("page_mapping"), shown(meta.mapping)
        for code, moment in (
            ("page_read_at", meta.read_at),
            ("page_created", meta.created),
            ("page_begun", meta.applied_at),
        ):
            if moment:
                yield messages.label(code), local_moment(moment, told.zone)
        yield messages.label("book_guards"), self._guards()
        yield from self._figures()
        if told.side is not None:
            yield messages.label("book_contacts_read"), len(told.side.book)
            yield messages.label("book_remote_only"), len(told.side.remote_only)
            yield messages.label("book_shared"), len(told.side.duplicates)
            for said in reach_lines(told.side.book):
                yield messages.label("book_read"), shown(said, most=1_000)

    def _guards(self) -> str:
        """What became of the guards: a run that broke one was carried out because it was lifted."""
        names = ", ".join(str(each["guard"]) for each in self._told.run.meta.breaches)
        if not names:
            return messages.label("book_guards_kept")
        return messages.label("book_guards_lifted" if self._told.kind == "run" else "book_guards_broken", names=names)

    def _figures(self) -> Iterator[tuple[str, Value]]:
        summary, rate = self._told.summary, self._told.run.meta.api.get("rate")
        yield messages.label("page_rows"), summary.rows
        yield messages.label("book_stored_otherwise"), summary.altered
        requests = sum(summary.requests.values())
        yield messages.label("page_requests"), requests
        yield messages.label("book_retries"), summary.retries
        yield messages.label("page_took"), duration(summary.seconds)
        yield messages.label("book_seconds"), round(summary.seconds, 1)
        if summary.seconds >= 1:
            yield messages.label("book_rate"), round(requests / summary.seconds, 1)
        if rate:
            yield messages.label("book_rate_allowed"), rate

    def _counts(self) -> None:
        told = self._told
        found = [name for name in told.summary.to_dict()["outcomes"] if told.count(name) or name in _ALWAYS]
        self._heading("page_outcomes")
        self._header("page_outcome", "page_rows")
        first = self._row + 1
        for name in found:
            self._put(1, messages.label(f"page_{'done' if told.kind == 'run' else 'would'}_{name}"))
            self._put(2, told.count(name), next_row=False)
        chart = BarChart()
        chart.type, chart.style, chart.gapWidth, chart.legend = "bar", 10, 40, None
        chart.title = None
        chart.add_data(Reference(self._sheet, min_col=2, min_row=first, max_row=self._row))
        chart.set_categories(Reference(self._sheet, min_col=1, min_row=first, max_row=self._row))
        chart.series[0].graphicalProperties.solidFill = _BAR
        chart.dataLabels = DataLabelList()
        chart.dataLabels.showVal = True
        chart.dataLabels.showSerName = chart.dataLabels.showCatName = chart.dataLabels.showLegendKey = False
        chart.x_axis.scaling.orientation = "maxMin"  # from top to bottom, as the table beside it
        chart.x_axis.delete = False
        chart.y_axis.delete = True
        chart.y_axis.majorGridlines = None
        chart.y_axis.scaling.min = 0
        chart.width, chart.height = _CHART_WIDTH, _CHART_HEIGHT + _BAR_HEIGHT * len(found)
        self._sheet.add_chart(chart, f"C{first - 1}")
        lines = math.ceil(chart.height / _ROW_HEIGHT)
        self._row = max(self._row, first - 1 + lines)

    def _requests(self) -> None:
        requests = self._told.summary.requests
        if requests:
            self._heading("book_by_method")
            self._header("page_method", "page_sent")
            for name, count in sorted(requests.items()):
                self._put(1, name)
                self._put(2, count, next_row=False)

    def _tempo(self) -> None:
        """How the requests were sent over time: a table, and its chart beside it."""
        told = self._told
        found = told.run.tempo(most=_MOMENTS)
        if found is None or not is_worth_showing(found):
            return
        self._heading("page_tempo")
        self._sentence(tempo_text(found, told.zone))
        self._header("page_tempo_from", "page_requests")
        heading = self._row
        codes = (*_BESIDE, *_TROUBLES) if any(each.again or each.unsure for each in found.spans) else _BESIDE
        columns = {code: place for place, code in enumerate(codes, start=_AFTER_CHART)}
        for code, column in columns.items():
            self._put(column, messages.label(code), _STRONG, next_row=False)
            self._sheet.cell(heading, column).border = _RULE
            if column > len(_WIDTHS):
                self._sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[1]
        for each in found.spans:
            self._put(1, clock_time(each, found, told.zone))
            self._put(_REQUESTS, each.requests, next_row=False)
            figures = {"page_tempo_done": each.done, _REPEATED: each.again, "page_tempo_unsure": each.unsure}
            for code, column in columns.items():
                self._put(column, figures[code], next_row=False)
        chart = BarChart()
        # What was sent again is a part of what was sent: its bar stands in front.
        chart.type, chart.style, chart.gapWidth, chart.overlap, chart.grouping = "col", 10, 30, 100, "clustered"
        chart.title = None
        shown_columns = [(_REQUESTS, _BAR), *((columns[code], _LIGHT) for code in columns if code == _REPEATED)]
        for column, colour in shown_columns:
            values = Reference(self._sheet, min_col=column, min_row=heading, max_row=self._row)
            chart.add_data(values, titles_from_data=True)
            chart.series[-1].graphicalProperties.solidFill = colour
            chart.series[-1].graphicalProperties.line.solidFill = _BAR  # in black and white the parts stay apart
        chart.set_categories(Reference(self._sheet, min_col=1, min_row=heading + 1, max_row=self._row))
        chart.legend = Legend(legendPos="b") if len(shown_columns) > 1 else None
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.y_axis.scaling.min = 0
        chart.width, chart.height = _CHART_WIDTH, _TEMPO_HEIGHT
        self._sheet.add_chart(chart, f"C{heading}")
        self._row = max(self._row, heading + math.ceil(chart.height / _ROW_HEIGHT))

    def _why(self) -> None:
        kinds = self._reasons.kinds(*TROUBLED)
        if not kinds:
            return
        self._heading("page_reasons")
        counts, several = [], False
        for outcome in TROUBLED:
            if of_outcome := self._reasons.kinds(outcome):
                many, rows = sum(each.rows for each in of_outcome), self._reasons.rows(outcome)
                several = several or many > rows
                counts.append(
                    messages.label(
                        "book_of_rows",
                        reasons=messages.counted(many, "reason"),
                        rows=messages.counted(rows, "row"),
                        outcome=self._word(outcome),
                    )
                )
        if several:
            self._sentence(messages.text("book_reasons_counted", {"counts": ", ".join(counts)}))
        self._header("page_outcome", "page_rows", "page_reason", "book_row")
        for each in kinds[:_REASONS]:
            self._put(1, self._word(each.outcome))
            self._put(2, each.rows, next_row=False)
            said = self._put(3, self._kind(each), next_row=False)
            self._put(4, self._places(each), next_row=False)
            lines = max(math.ceil(said / (_WIDTHS[2] - 4)), 1) + (not each.alike)
            self._sheet.row_dimensions[self._row].height = _LINE * lines
        if len(kinds) > _REASONS:
            self._put(1, messages.label("page_more_reasons", count=figure(len(kinds) - _REASONS)))

    def _kind(self, each: Kind) -> str:
        """What is said of all its rows and, where it differs from row to row, what is said of the first."""
        said = shown(each.said, most=1_000)
        if each.alike:
            return said
        row = place_text(self._told.run.inputs(), *each.places[0])
        example = messages.label("book_example", said=said, row=row)
        heading = f"{each.column}: " if each.column else ""
        return f"{heading}{shown(each.common.what(), most=1_000)}\n{example}"

    def _places(self, each: Kind) -> str:
        places = ", ".join(place_text(self._told.run.inputs(), *place) for place in each.places)
        left = each.rows - PLACES
        return messages.label("page_places_more", places=places, count=figure(left)) if left > 0 else places

    def _limits(self) -> None:
        told = (
            ("book_replaced", self._losses.replaced),
            ("book_cut", self._losses.cut),
            ("book_columns_left", self._columns_left),
        )
        if any(count for _, count in told):
            self._heading("book_limits")
        for code, count in told:
            if count:
                self._sentence(messages.text(code, {"count": figure(count)}))

    # Cells

    def _word(self, outcome: str) -> str:
        return messages.label(f"page_{'done' if self._told.kind == 'run' else 'would'}_{outcome}")

    def _put(self, column: int, value: Value, font: Font | None = None, *, next_row: bool = True) -> int:
        """A cell in the next row, or in the last one; how long its text is."""
        self._row += next_row
        cell = self._sheet.cell(self._row, column)
        cell.value = storable(value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"
        cell.alignment = _WRAPPED if column > 2 else Alignment(vertical="top", horizontal="left")  # noqa: PLR2004
        if font:
            cell.font = font
        return len(value) if isinstance(value, str) else 0

    def _sentence(self, said: str, font: Font | None = None) -> None:
        """A text across the columns, as high as it needs to be."""
        self._put(1, said, font)
        self._sheet.merge_cells(start_row=self._row, end_row=self._row, start_column=1, end_column=3)
        self._sheet.cell(self._row, 1).alignment = _WRAPPED
        self._sheet.row_dimensions[self._row].height = _LINE * max(1, math.ceil(len(said) / _LETTERS))

    def _heading(self, code: str) -> None:
        self._row += 1
        self._put(1, messages.label(code), _HEADING)

    def _header(self, *codes: str) -> None:
        for place, code in enumerate(codes, start=1):
            self._put(place, messages.label(code), _STRONG, next_row=place == 1)
            self._sheet.cell(self._row, place).border = _RULE
