"""A simulated province: real stores, a real centre and a bad line, driven by a seed and watched by a model."""
