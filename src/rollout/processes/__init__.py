"""Programs as processes of this machine: started, bounded, listened to and ended."""
