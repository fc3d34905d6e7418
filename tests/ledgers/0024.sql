UPDATE issue SET sent_as = 'each-week' WHERE period = '2024-W45';
