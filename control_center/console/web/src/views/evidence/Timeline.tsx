import { Label } from "react-aria-components/Label";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components/Slider";
import { useTranslation } from "react-i18next";
import type { CameraFootage, Span } from "../../api/evidence";
import { briefly, clock, dateAndTime } from "../../ui/format";
import { lengthOf, placeIn, stepOf } from "./spans";

type Props = {
  window: Span;
  footage: CameraFootage | undefined;
  span: Span;
  onChange: (span: Span) => void;
};

const S_US = 1_000_000;

/** What is recorded and locked within a window, and the ends of a span in it: dragged, or moved by arrow keys. */
export function Timeline({ window, footage, span, onChange }: Props) {
  const { t } = useTranslation();
  const seconds = (us: number) => Math.round(us / S_US);
  return (
    <Slider
      className="timeline"
      minValue={seconds(window.start_us)}
      maxValue={seconds(window.end_us)}
      step={stepOf(window)}
      value={[seconds(span.start_us), seconds(span.end_us)]}
      onChange={(ends) => {
        const [start = 0, end = 0] = ends;
        onChange({ start_us: start * S_US, end_us: end * S_US });
      }}
      data-testid="timeline"
    >
      <Label className="field-label">{t("lockFootage.timeline")}</Label>
      <SliderTrack className="timeline-track">
        <Lanes window={window} footage={footage} span={span} />
        {(["from", "to"] as const).map((end, index) => (
          <SliderThumb key={end} index={index} className="timeline-thumb" aria-label={t(`audit.${end}`)} />
        ))}
      </SliderTrack>
      <div className="timeline-scale">
        <span>{briefly(window.start_us)}</span>
        <b>
          {dateAndTime(span.start_us)} – {lengthOf(span) < 86_400 * S_US ? clock(span.end_us) : dateAndTime(span.end_us)}
        </b>
        <span>{briefly(window.end_us)}</span>
      </div>
      <ul className="timeline-legend">
        <li data-lane="recorded">{t("lockFootage.laneRecorded")}</li>
        <li data-lane="locked">{t("lockFootage.laneLocked")}</li>
        <li data-lane="chosen">{t("lockFootage.laneChosen")}</li>
      </ul>
    </Slider>
  );
}

function Lanes({ window, footage, span }: Omit<Props, "onChange">) {
  const recorded = (footage?.recorded?.spans ?? []).map(([start_us, end_us]) => ({ start_us, end_us }));
  return (
    <svg className="timeline-lanes" viewBox="0 0 1000 48" preserveAspectRatio="none" aria-hidden="true">
      <Lane lane="chosen" window={window} spans={[span]} y={0} height={48} />
      <Lane lane="recorded" window={window} spans={recorded} y={10} height={12} />
      <Lane lane="locked" window={window} spans={footage?.locks ?? []} y={26} height={12} />
    </svg>
  );
}

type LaneProps = { lane: string; window: Span; spans: Span[]; y: number; height: number };

function Lane({ lane, window, spans, y, height }: LaneProps) {
  const places = spans.map((one) => placeIn(window, one)).filter((place) => place !== null);
  return places.map(({ x, width }) => (
    <rect key={`${x}-${width}`} data-lane={lane} x={x} width={width} y={y} height={height} />
  ));
}
