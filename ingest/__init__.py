"""RTSP in, fragments out: sessions, recorder, footage index, tap, playback and live."""
