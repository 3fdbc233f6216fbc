import type { ComponentType } from "react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { useTranslation } from "react-i18next";
import { ChevronIcon, CloserIcon, FartherIcon, HomeIcon } from "../../../ui/icons";
import { DIRECTIONS, type Direction, type Pace, SPEEDS } from "./motion";

type Props = {
  isBlocked: boolean;
  pace: Pace;
  onPace: (pace: Pace) => void;
  onHold: (direction: Direction) => void;
  onRelease: (direction: Direction) => void;
  onHome: () => void;
};

const ICON: Record<Direction, ComponentType> = {
  up: ChevronIcon,
  left: ChevronIcon,
  right: ChevronIcon,
  down: ChevronIcon,
  in: CloserIcon,
  out: FartherIcon,
};

/** Buttons that move the camera while they are held. */
export function Pad({ isBlocked, pace, onPace, onHold, onRelease, onHome }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <div className="steer-pad">
        {DIRECTIONS.map((direction) => {
          const Sign = ICON[direction];
          return (
            <Button
              key={direction}
              className="icon-button"
              data-direction={direction}
              aria-label={t(`steer.${direction}`)}
              isDisabled={isBlocked}
              onPressStart={() => onHold(direction)}
              onPressEnd={() => onRelease(direction)}
              data-testid={`steer-${direction}`}
            >
              <Sign />
            </Button>
          );
        })}
        <Button
          className="icon-button"
          data-direction="home"
          aria-label={t("steer.home")}
          isDisabled={isBlocked}
          onPress={onHome}
          data-testid="steer-home"
        >
          <HomeIcon />
        </Button>
      </div>
      {/* Buttons and no radios: those would take the arrow keys. */}
      <div className="segments steer-paces" role="group" aria-label={t("steer.pace")}>
        {SPEEDS.map((one) => (
          <ToggleButton key={one} className="segment" isSelected={one === pace} onChange={() => onPace(one)}>
            {t(`steerPace.${one}`)}
          </ToggleButton>
        ))}
      </div>
    </>
  );
}
