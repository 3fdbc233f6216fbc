import { CalendarDateTime, getLocalTimeZone, parseAbsolute, toCalendarDateTime, toZoned } from "@internationalized/date";
import { Button } from "react-aria-components/Button";
import { Calendar, CalendarCell, CalendarGrid } from "react-aria-components/Calendar";
import { DateInput, DatePicker, DateSegment } from "react-aria-components/DatePicker";
import { Dialog } from "react-aria-components/Dialog";
import { Group } from "react-aria-components/Group";
import { Heading } from "react-aria-components/Heading";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { Label } from "react-aria-components/Label";
import { Popover } from "react-aria-components/Popover";
import { language } from "../i18n";
import { dateOf } from "./format";
import { CalendarIcon, NextIcon, PreviousIcon } from "./icons";

type Props = {
  label: string;
  /** Microseconds UTC. */
  us: number | null;
  onChange: (us: number | null) => void;
  isInvalid?: boolean;
  testId?: string;
};

// Of the English locales, Canada's writes dates as ISO 8601 does.
const DATE_LOCALE = { zh: "zh-CN", en: "en-CA" };

/** A day and a time of this machine's zone. */
export function Moment({ label, us, onChange, isInvalid = false, testId }: Props) {
  return (
    <I18nProvider locale={DATE_LOCALE[language()]}>
      <DatePicker
        className="field moment"
        granularity="minute"
        hourCycle={24}
        shouldForceLeadingZeros
        hideTimeZone
        value={us === null ? null : asLocal(us)}
        onChange={(value) => onChange(value === null ? null : toZoned(value, getLocalTimeZone()).toDate().getTime() * 1000)}
        isInvalid={isInvalid}
        data-testid={testId}
      >
        <Label className="field-label">{label}</Label>
        <Group className="input moment-group">
          <DateInput className="moment-segments">{(segment) => <DateSegment className="segment-part" segment={segment} />}</DateInput>
          <Button className="combo-button">
            <CalendarIcon />
          </Button>
        </Group>
        <Popover className="popover" offset={6}>
          <Dialog className="calendar-dialog">
            <Calendar className="calendar">
              <header className="calendar-head">
                <Button slot="previous" className="icon-button">
                  <PreviousIcon />
                </Button>
                <Heading />
                <Button slot="next" className="icon-button">
                  <NextIcon />
                </Button>
              </header>
              <CalendarGrid className="calendar-grid">
                {(date) => <CalendarCell className="calendar-day" date={date} />}
              </CalendarGrid>
            </Calendar>
          </Dialog>
        </Popover>
      </DatePicker>
    </I18nProvider>
  );
}

const asLocal = (us: number): CalendarDateTime =>
  toCalendarDateTime(parseAbsolute(dateOf(us).toISOString(), getLocalTimeZone()));
