"""Cài đặt: language, theme, text size, the people of this PC, the data folder and the centre."""
