import { useQuery } from "@tanstack/react-query";
import { ListBoxItem } from "react-aria-components/ListBox";
import { camerasQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { Picker } from "./Picker";

type Props = {
  label: string;
  value: string | null;
  onChange: (cameraId: string | null) => void;
  isCompact?: boolean;
  placeholder?: string;
  testId?: string;
};

/** A camera out of all in sight: typing narrows them by name or code. */
export function CameraPicker({ value, ...rest }: Props) {
  const cameras = useQuery(camerasQuery).data ?? [];
  const narrowed = (typed: string) => {
    const words = typed.trim().toLowerCase();
    return cameras.filter(({ name, code }) => `${name} ${code}`.toLowerCase().includes(words));
  };
  return (
    <Picker {...rest} value={value} chosen={cameras.find(({ id }) => id === value)?.name} narrowed={narrowed}>
      {({ id, name, code }: Camera) => (
        <ListBoxItem id={id} className="option" textValue={name}>
          <span>{name}</span>
          <span className="option-note">{code}</span>
        </ListBoxItem>
      )}
    </Picker>
  );
}
