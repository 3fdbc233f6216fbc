import subprocess
import sys


def test_the_command_is_mounted_without_carrying_ffmpeg() -> None:
    """`vedette` mounts it in every process, the recorder's included."""
    code = "import sys, simulator.virtual_camera.commands; sys.exit('av' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
