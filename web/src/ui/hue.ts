/** The colors that are readable in both themes; an organization's color is shown as the nearest of them. */
export const HUES = ['gray', 'blue', 'teal', 'green', 'amber', 'orange', 'red', 'pink', 'purple'] as const
export type Hue = (typeof HUES)[number]

const DEGREES: [Hue, number][] = [
  ['red', 0],
  ['orange', 25],
  ['amber', 45],
  ['green', 140],
  ['teal', 178],
  ['blue', 215],
  ['purple', 265],
  ['pink', 325],
  ['red', 360],
]

/** The hue nearest to a color given by its name or as `#rrggbb`. */
export function hueOf(colour: string | null | undefined): Hue | undefined {
  if (!colour) return undefined
  const named = HUES.find((hue) => hue === colour.toLowerCase())
  const parts = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)
  if (named || !parts) return named
  const [red, green, blue] = parts.slice(1).map((part) => Number.parseInt(part, 16) / 255) as [number, number, number]
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  if (spread < 0.12) return 'gray'
  const sixth =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4
  const degrees = sixth * 60
  return DEGREES.reduce((near, next) => (Math.abs(next[1] - degrees) < Math.abs(near[1] - degrees) ? next : near))[0]
}
