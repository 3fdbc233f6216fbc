"""Recording RTSP URLs without a center: the recorder of production, fed from a list of addresses."""
