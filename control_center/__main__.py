from control_center.cli import main

main()
